import { expect, test } from "@jest/globals";
import { findCommand } from "../../../lib/images/metadata/read-command.js";
import { parseLine } from "../../../lib/options/read.js";

const read = (text: string) => findCommand([{ keyword: "Dream", text }], "x.png");
const unknownNoise = "the source of the noise is not recorded; for a picture made on a GPU add --rng cuda";

test.each([
  [
    "dream.py 1.02: what is missing is built in; -n was that of the command",
    '"ashley judd riding a camel" -n2 -s150 -S 416354203',
    '"ashley judd riding a camel" -s 150 -S 416354203 -W 512 -H 512 -C 7.5 -A k_lms',
  ],
  [
    "dream.py 1.14: attached values",
    '"lucy lawless as xena" -s50 -W512 -H640 -C7.5 -Ak_euler_a -S3357757885',
    '"lucy lawless as xena" -s 50 -S 3357757885 -W 512 -H 640 -C 7.5 -A k_euler_a',
  ],
  ["invoke 2.0: spaced values", '"fire" -s 10 -S 15 -W 384 -H 384 -C 7.5 -A ddim', '"fire" -s 10 -S 15 -W 384 -H 384 -C 7.5 -A ddim'],
  [
    "invoke 2.2: a bare prompt",
    "Japanese gardener <ghibli-face> -s 30 -S 54236737 -W 512 -H 512 -C 7.5 -A k_euler_a",
    '"Japanese gardener <ghibli-face>" -s 30 -S 54236737 -W 512 -H 512 -C 7.5 -A k_euler_a',
  ],
  [
    "invoke 2.3: a model's name",
    "a cat, oil painting -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=stable-diffusion-1.5",
    '"a cat, oil painting" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=stable-diffusion-1.5',
  ],
])("%s", (_, text, line) => expect(read(text)).toMatchObject({ line, dialect: "dream", notes: [unknownNoise] }));

test.each([
  ["a tower -s 3 stories high -s 50 -S 42 -W 512 -H 512", "a tower -s 3 stories high"],
  ["number # 1 -s 50 -S 42", "number # 1"],
  ["5'10\" tall -s 50 -S 42", "5'10\" tall"],
  ["a cat", "a cat"],
  ["a cat -A plms", "a cat"],
  ['"a "big" cat" -s50 -S42', 'a "big" cat'],
  ['"a \\"big\\" cat" -s50 -S42', 'a "big" cat'],
  ['"there\\\'s a fly" -s50 -S42', "there\\'s a fly"],
  ['"a {red|blue} ball" -s50 -S42', "a {red|blue} ball"],
  ['"an open mark -s50', "an open mark -s50"],
])("the prompt of %s", (text, prompt) => expect(read(text)?.parsed.prompt).toBe(prompt));

test("our own lines say where the noise came from", () => {
  const line = '"a \\"cat\\" \\\\" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=crayon';
  expect(read(line)).toMatchObject({ line, parsed: { prompt: 'a "cat" \\' }, modelId: "crayon", notes: [] });
});

test("a sampler and a switch that do not exist here are noted", () => {
  const found = read('"x" -s 5 -S 1 -A k_dpm_fast --frobnicate 3');
  expect(found?.line).toBe('"x" -s 5 -S 1 -W 512 -H 512 -C 7.5 -A k_lms');
  expect(found?.notes.slice(0, 2)).toEqual([
    'there is no sampler "k_dpm_fast" here; another one stands in its place',
    '"--frobnicate 3" is not understood and is left out',
  ]);
});

test("a number that its switch refuses is left out", () => {
  const found = read('"x" -s 50000000000 -S 1');
  expect(found?.line).toContain(" -s 50 ");
  expect(found?.notes[0]).toBe("-s 50000000000 is not possible here and is left out");
});

test("a switch that is not about the picture is left out", () => {
  const found = read('"x" -s 5 -S 1 -o /etc -h --fnformat x.png');
  expect(found?.line).toBe('"x" -s 5 -S 1 -W 512 -H 512 -C 7.5 -A k_lms');
  expect(found?.notes).toHaveLength(4);
});

const SIZE = "-W 512 -H 512 -C 7.5";
test.each([
  ["-S1 -V 3647897225,0.2", "-S 1", "-A k_lms -V 3647897225:0.2"],
  ["-S1 -V 3647897225:0.1,1614299449:0.1", "-S 1", "-A k_lms -V 3647897225:0.1,1614299449:0.1"],
  ["-S 1 -v0.2", "-S 1", "-A k_lms -v 0.2"],
  ["-S 1 --seamless", "-S 1", "--seamless -A k_lms"],
  ["-I photo of me.png -A ddim --fit -f 0.6", "", '-I "photo of me.png" -A ddim --fit -f 0.6'],
  ["-IC:\\my\\a.png --fit -f0.75", "", '-I "C:\\\\my\\\\a.png" -A k_lms --fit -f 0.75'],
  ["-A k_euler_a -G 0.8 -ft codeformer -cf 0.75 -U 2.0 0.75", "", "-A k_euler_a -G 0.8 -ft codeformer -cf 0.75 -U 2.0 0.75"],
  ["-I a.png -tm a cat 0.5", "", '-I a.png -A k_lms -f 0.75 -tm "a cat" 0.5'],
  ["-I a.png -tm cat", "", "-I a.png -A k_lms -f 0.75 -tm cat 0.5"],
])("%s", (switches, seed, printed) => {
  const found = read(`"x" -s 5 ${switches}`);
  const [before, after] = printed.split(/ (?=-A)|^(?=-A)/);
  expect(found?.line).toBe(['"x" -s 5', seed, SIZE, before, after].filter((part) => part).join(" "));
  expect(parseLine(found?.line ?? "").prompt).toBe("x");
});

test("a grid becomes the series that made it", () => {
  const found = read('"there is a fly" -s50 -W64 -H64 -C7.5 -Ak_lms -S2685670268 --grid -n2 # [2685670268, 1216708065]');
  expect(found?.line).toBe('"there is a fly" -s 50 -S 2685670268 -W 64 -H 64 -C 7.5 --grid -A k_lms -n 2');
  expect(found?.notes).toEqual([unknownNoise]);
});

test("a grid whose seeds are no series says so", () => {
  expect(read('"x" -s50 -S1 --grid -n2 # [1, 2]')?.notes[0]).toContain("do not follow one another");
});

test("the command of a picture made from another file is kept as one", () => {
  const found = read("!fix outputs/0000045.4829112.png -s 50 -S 4829112 -W 512 -H 512 -C 7.5 -A k_lms -G 0.8 -ft gfpgan # model_id=sd-1.5");
  expect(found?.line).toBe(
    '!fix "outputs/0000045.4829112.png" -s 50 -S 4829112 -W 512 -H 512 -C 7.5 -A k_lms -G 0.8 -ft gfpgan # model_id=sd-1.5',
  );
});

test.each([
  ['"x # model_id=y" -s 5 -S 1', undefined, "x # model_id=y"],
  ['"x # [1, 2]" -s 5 -S 1', undefined, "x # [1, 2]"],
  ['"x" -s 5 -S 1 # model_id=my model # [1, 2]', "my model", "x"],
])("comments in %s", (text, modelId, prompt) => expect(read(text)).toMatchObject({ modelId, parsed: { prompt } }));

test("an empty text is none", () => expect(read("  ")).toBeUndefined());
