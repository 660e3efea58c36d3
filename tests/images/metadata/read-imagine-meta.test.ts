import { expect, test } from "@jest/globals";
import { findCommand } from "../../../lib/images/metadata/read-command.js";

const read = (meta: unknown) => findCommand([{ keyword: "meta", text: JSON.stringify(meta, null, 2) }], "x.png");

test("the document's own example", () => {
  const found = read({
    model: "dreamshaper_8",
    prompt: "a photo of an astronaut riding a horse on mars, epic, cinematic, detailed",
    width: 768,
    height: 512,
    steps: 25,
    guidance: 7.0,
    sampler: "dpm++ 2m",
    seed: "591445185899376350",
    neg: "ugly, deformed, blurry, low quality",
    clip: 1,
    stream: 1,
    img: null,
    strength: 0.8,
  });
  // 591445185899376350 mod 2^32: the generator there takes no more bits.
  expect(found?.line).toBe(
    '"a photo of an astronaut riding a horse on mars, epic, cinematic, detailed [ugly, deformed, blurry, low quality]" ' +
      `-s 25 -S ${591445185899376350n % 2n ** 32n} -W 768 -H 512 -C 7.0 -A k_dpmpp_2 # model_id=dreamshaper_8`,
  );
  expect(found?.notes).toEqual([expect.stringContaining("--rng cuda")]);
});

test("what is missing is what Imagine would have taken", () => {
  expect(read({ prompt: "a [cat]", seed: "1" })?.line).toBe('"a cat" -s 25 -S 1 -W 512 -H 512 -C 7.0 -A k_dpmpp_2');
});

test.each([
  [{ hires: 1.5 }, "second pass"],
  [{ img: "aGVsbG8=", strength: 0.5 }, "made from another picture"],
  [{ sampler: "dpm++ 2s" }, 'no sampler "dpm++ 2s"'],
  [{ sampler: "dpm++ sde" }, "draws no noise"],
  [{ prompt: "[cat]" }, "square brackets"],
])("%j is noted", (meta, note) => expect(read({ prompt: "x", seed: "1", ...meta })?.notes.join("\n")).toContain(note));

test("clip skip means the same there", () => {
  expect(read({ prompt: "a cat", seed: "1", clip: 2 })?.line).toBe('"a cat" -s 25 -S 1 -W 512 -H 512 -C 7.0 -A k_dpmpp_2 --clip_skip 2');
});

test.each([[{}], [[]], [{ prompt: 5 }], ["x"], [null]])("%j is not understood", (meta) => {
  expect(() => read(meta)).toThrow(expect.objectContaining({ code: "image/metadata" }));
});
