import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseLine } from "../../lib/options/read.js";
import { expandSweeps } from "../../lib/options/sweep.js";
import { translateA1111 } from "../../lib/options/translate-line.js";
import { convertA1111Halves } from "../../lib/prompt/convert-a1111.js";

const linesOf = (typed: string) => expandSweeps(translateA1111(typed).line).lines.map(({ line }) => parseLine(line));

describe("the prompt of a line is translated", () => {
  test.each([
    ["a (cat:1.2) -s20", '"a (cat)1.2" -s20'],
    ["a [cat] -s20 -C5", '"a (cat)0.91" -s20 -C5'],
    ['"a (cat:1.2)" -s20', '"a (cat)1.2" -s20'],
    ["a (cat)", '"a (cat)1.1"'],
    ["a <lora:ink:0.8> cat", '"a withLora(ink,0.8) cat"'],
    ["a cat: the film", '"a cat\\\\: the film"'],
    ["a (cat:1.2) Negative prompt: (fog:1.3), rain: no -s5", '"a (cat)1.2 [(fog)1.3, rain: no]" -s5'],
    ["Negative prompt: fog", '"[fog]"'],
    ['a (5" pipe:1.2)', '"a (5\\\\\\" pipe)1.2"'],
    ["a {(red:1.2)|green} (cat) -C{5,7}", '"a {(red)1.2|green} (cat)1.1" -C{5,7}'],
    ["({red|green} cat:1.2)", '"({red|green} cat)1.2"'],
    ["a \\{x|y\\} (cat)", '"a \\{x|y\\} (cat)1.1"'],
  ])("%s", (typed, line) => expect(translateA1111(typed)).toEqual({ line, changed: true, notes: [] }));
});

test.each([
  "a cat -s20",
  '"a cat" -s20',
  "-S5 -s20",
  "a {red|green} cat",
  // Ours, recorded for a picture.
  '"a (cat)1.2 [fog]" -s 20 -S 5 # model_id=crayon',
  '"a (cat)1.2 [fog]" -s 20 -S 5 # model_id=',
])("%s stays", (line) => expect(translateA1111(line)).toEqual({ line, changed: false, notes: [] }));

test("what ours cannot say is noted", () => {
  expect(translateA1111("a BREAK b {[c:d:0.5]|x} AND y").notes).toEqual([
    expect.stringContaining("changes between steps"),
    expect.stringContaining("BREAK"),
    expect.stringContaining("AND between prompts"),
  ]);
});

test("each line of a sweep is what its own translation would be", () => {
  expect(linesOf("a {(red:1.2)|[green]} cat -C{5,7}").map(({ prompt, cfgScale }) => [prompt, cfgScale])).toEqual([
    ["a (red)1.2 cat", 5],
    ["a (red)1.2 cat", 7],
    ["a (green)0.91 cat", 5],
    ["a (green)0.91 cat", 7],
  ]);
});

test("whatever is typed, the line is read as the prompt's translation, with the same switches", () => {
  const pieces = fc.constantFrom(...'()[]:|"\\{} ab,1-', "1.2", "<lora:x:1>", "BREAK", "Negative prompt:", "\\\\", " -s5", "'", "#");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
      const typed = `x${parts.join("")}`;
      const [line, ...more] = tryTo(() => expandSweeps(typed).lines) ?? [];
      const before = line && tryTo(() => parseLine(line.line));
      if (before === undefined || more.length > 0) return;
      const [after] = linesOf(typed);
      expect(after).toEqual({ ...before, prompt: convertA1111Halves(...halvesOf(before.prompt)).text });
    }),
    { numRuns: 500 },
  );
});

/** Undefined for a line that cannot be read. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function halvesOf(prompt: string): [string, string] {
  const at = prompt.indexOf("Negative prompt:");
  return at < 0 ? [prompt, ""] : [prompt.slice(0, at), prompt.slice(at + "Negative prompt:".length)];
}
