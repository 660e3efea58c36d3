import { expect, test } from "@jest/globals";
import { runCommandLineCases } from "./command-line.js";

const error = { error: true };

async function verdict(line: string, invoke23: object, dream: object): Promise<boolean> {
  const [result] = await runCommandLineCases(JSON.stringify({ line, invoke23, dream }));
  return result?.difference === undefined;
}

test.each([
  ["red barn -W 320", { prompt: "red barn", width: 320 }, error],
  ["red barn -W 320", error, { prompt: "red barn", width: 320 }],
  ["red barn -G.4", { prompt: "red barn", facetool_strength: 0.4 }, { prompt: "red barn", gfpgan_strength: 0.4 }],
  ["red barn -n1 -s50", { prompt: "red barn", steps: 50 }, { prompt: "red barn" }],
  ["red barn --seamless_axes x,y", { prompt: "red barn" }, error],
  ["red barn --seamless_axes y", { prompt: "red barn", seamless_axes: ["y"] }, error],
  ["red barn -h", { prompt: "red barn -h" }, { ...error, help: true }],
  ["red barn -s x", error, error],
])("%s is what a generation says", async (line, invoke23, dream) => {
  expect(await verdict(line, invoke23, dream)).toBe(true);
});

test.each([
  ["a lone flag at the end", "red - barn -x", { prompt: "red - barn -x" }, error],
  ["blanks around the prompt", "red - barn  -n2", { prompt: "red - barn ", iterations: 2 }, error],
  ["an apostrophe", `"it's red" barn -n2`, error, { prompt: "it\\'s red barn", iterations: 2 }],
  ["the second spelling of -x", "red barn --skip_normalization -n2", error, error],
  ["the second spelling of -M", "red barn --mask x.png", error, error],
  ["-F", "red barn -F -n2", error, error],
  ["a sampler that the reference lacks", "red barn -A unipc", error, error],
  ["words behind the quotation", '"red barn" -1 floor -n2', error, error],
  ["a mark inside a word", "red - barn -o x#y", { prompt: "red - barn", outdir: "x" }, error],
])("%s falls under a rule", async (_what, line, invoke23, dream) => {
  expect(await verdict(line, invoke23, dream)).toBe(true);
});

test.each([
  ["red barn -W 320", { prompt: "red barn", width: 640 }, error],
  ["red barn -W 320", error, error],
  ["red barn -x", { prompt: "red barn" }, error],
  ["red barn -s x", { prompt: "red barn" }, { prompt: "red barn" }],
  ["red barn -h", error, error],
  ["red barn --mask x.png -F -s x", { prompt: "red barn" }, { prompt: "red barn" }],
])("%s against another outcome is a difference", async (line, invoke23, dream) => {
  expect(await verdict(line, invoke23, dream)).toBe(false);
});

test("a file of another kind is refused", async () => {
  await expect(runCommandLineCases('{"prompt":"x"}')).rejects.toThrow("this is no case");
});
