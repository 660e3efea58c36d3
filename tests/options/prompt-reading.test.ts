import { expect, test } from "@jest/globals";
import { parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";

const resolve = (line: string) => resolveLine(parseLine(line), {}, { width: 512, height: 512 });

test.each([
  ["a -x", { skipNormalize: true }],
  ["a --skip_normalization", { skipNormalize: true }],
  ["a --long_prompts", { longPrompts: true }],
  ["a --clip_skip 2", { clipSkip: 2 }],
  ["a --clip_skip 12", { clipSkip: 12 }],
])("%s", (line, settings) => expect(resolve(line).settings).toMatchObject(settings));

test.each(["a", "a --clip_skip 0", "a --clip_skip 1"])("%s reads the prompt as usual", (line) => {
  const { settings } = resolve(line);
  expect(["skipNormalize", "longPrompts", "clipSkip"].filter((key) => key in settings)).toEqual([]);
});

test.each(["a --clip_skip 13", "a --clip_skip=-1", "a --clip_skip x"])("%s is refused", (line) => {
  expect(() => resolve(line)).toThrow("--clip_skip");
});

test("-t of the line or of the launch asks for tokens", () => {
  expect(resolve("a").logTokens).toBe(false);
  expect(resolve("a -t").logTokens).toBe(true);
  expect(resolveLine(parseLine("a"), { logTokenization: true }, { width: 512, height: 512 }).logTokens).toBe(true);
});
