import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isPreviewStep, previewLatents, readPreviewMatrix, STABLE_DIFFUSION_PREVIEW } from "../../lib/pipeline/latent-preview.js";
import { toRgb } from "../../lib/pipeline/rgb.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();

test("pixels are clamped and rounded, planes become triples", () => {
  const { rgb } = toRgb(Float32Array.of(-1, 1, 0, 9, -9, 0.1), 2, 1);
  expect([...rgb]).toEqual([0, 128, 0, 255, 255, 140]);
});

describe("latent preview", () => {
  test("follows the matrix of Stable Diffusion", () => {
    const { width, height, rgb } = previewLatents(Float32Array.of(0, 1, 0, 0, 0, 0, 0, 0), 2, 1, STABLE_DIFFUSION_PREVIEW);
    expect([width, height]).toEqual([2, 1]);
    // (0.3444, 0.1385, 0.067) gives 171.4, 145.2, 136.04; a latent of zero gives 127.5, cut off.
    expect([...rgb]).toEqual([127, 127, 127, 171, 145, 136]);
  });

  test("is clamped, never wrapped around", () => {
    const { rgb } = previewLatents(Float32Array.of(9, -9, 0, 0, 0, 0, 0, 0), 2, 1, STABLE_DIFFUSION_PREVIEW);
    expect([...rgb]).toEqual([255, 255, 204, 0, 0, 50]);
  });

  test.each([
    [10, 3, [1, 4, 7, 10]],
    [10, 4, [1, 5, 9, 10]],
    [3, 1, [1, 2, 3]],
    [5, 100, [1, 5]],
    [5, 0, []],
  ])("of %d steps, every %d: those are shown", (total, every, expected) => {
    const steps = Array.from({ length: total }, (_, i) => i + 1);
    expect(steps.filter((step) => isPreviewStep(step, total, every))).toEqual(expected);
  });

  test("a model folder may have a matrix of its own, checked when it is read", async () => {
    expect(await readPreviewMatrix(folder)).toBe(STABLE_DIFFUSION_PREVIEW);
    const file = join(folder, "latent_preview.json");
    const own = {
      weights: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 0],
      ],
      bias: [0, 0, 1],
    };
    await writeFile(file, JSON.stringify(own));
    expect(await readPreviewMatrix(folder)).toEqual(own);
    await writeFile(file, JSON.stringify({ ...own, bias: [0, "0", 0] }));
    await expect(readPreviewMatrix(folder)).rejects.toMatchObject({ code: "model/config" });
  });
});
