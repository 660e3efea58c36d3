import { expect, test } from "@jest/globals";
import { readLogLine } from "../../../lib/images/metadata/read-log.js";

test.each([
  [
    "dream.py 1.14",
    'outputs/img-samples/000009.416354203.png: "a camel" -s150 -W512 -H512 -C7.5 -Ak_lms -S416354203',
    '"a camel" -s 150 -S 416354203 -W 512 -H 512 -C 7.5 -A k_lms',
  ],
  [
    "invoke 2.3, a path with blanks",
    "C:/my pictures/000001.1.png: a cat -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_lms # model_id=sd-1.5",
    '"a cat" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A k_lms # model_id=sd-1.5',
  ],
  [
    "a line of the outputs, copied",
    '[17.2] outputs/000009.4.png: "a cat" -s 5 -S 4 -W 64 -H 64 -C 7.5 -A ddim # model_id=crayon',
    '"a cat" -s 5 -S 4 -W 64 -H 64 -C 7.5 -A ddim # model_id=crayon',
  ],
  [
    "dream.py's web server",
    'outputs/000009.4.png: {"prompt":"a cat","steps":"20","width":"512","height":"640","cfg_scale":"7.5","sampler_name":"k_euler","seed":"4","initimg":null}',
    '"a cat" -s 20 -S 4 -W 512 -H 640 -C 7.5 -A k_euler',
  ],
  ["the heading of a Markdown log", "## 000009.4.png", ""],
  ["the picture of a Markdown log", "![](000009.4.png)", ""],
])("%s", (_, line, command) => expect(readLogLine(line)).toBe(command));

test.each([
  "a cat: the movie -s 50",
  "photo.png: a poster",
  "a sign that says x.png:y -s 5",
  '"x.png: a cat" is what it says',
  "outputs/000001.1.png",
  "## a heading",
  "",
])("%s is no line of a log", (line) => expect(readLogLine(line)).toBeUndefined());

test("a literal brace in an old log stays literal", () => {
  const command = readLogLine('o/000001.1.png: "a {red|blue} ball" -s5 -W64 -H64 -C7.5 -Ak_lms -S1') as string;
  expect(readLogLine(`o/000001.1.png: ${command} # model_id=x`)).toBe(`${command} # model_id=x`);
});
