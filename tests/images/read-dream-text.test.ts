import { expect, test } from "@jest/globals";
import { findCommand } from "../../lib/images/read-command.js";

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
])("the prompt of %s", (text, prompt) => expect(read(text)?.prompt).toBe(prompt));

test("our own lines say where the noise came from", () => {
  const line = '"a \\"cat\\" \\\\" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms # model_id=crayon';
  expect(read(line)).toMatchObject({ line, prompt: 'a "cat" \\', modelId: "crayon", notes: [] });
});

test("a sampler and a switch that do not exist here are noted", () => {
  const found = read('"x" -s 5 -S 1 -A k_dpm_fast --frobnicate 3');
  expect(found?.line).toBe('"x" -s 5 -S 1 -W 512 -H 512 -C 7.5 -A k_lms');
  expect(found?.notes.slice(0, 2)).toEqual([
    '"--frobnicate 3" is not understood and is left out',
    'there is no sampler "k_dpm_fast" here; another one stands in its place',
  ]);
});

test("a number that its switch refuses is left out", () => {
  const found = read('"x" -s 50000000000 -S 1');
  expect(found?.line).toContain(" -s 50 ");
  expect(found?.notes[0]).toBe("-s 50000000000 is not possible here and is left out");
});

test("an empty text is none", () => expect(read("  ")).toBeUndefined());
