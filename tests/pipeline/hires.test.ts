import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { comparePictures } from "../../lib/images/pixels/compare-pictures.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { largestPass, smallSize } from "../../lib/pipeline/hires.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job } from "../engine/fakes.js";

const STABLE_DIFFUSION = { nativeSize: { width: 512, height: 512 }, smallStep: 8 };

describe("the size of the first pass", () => {
  test.each([
    [1024, 1024, 512, 512],
    [512, 512, 512, 512],
    [1024, 512, 720, 360],
    [512, 1024, 360, 720],
    [1024, 768, 584, 440],
    [768, 1024, 440, 584],
    // No side below 256.
    [2048, 256, 2048, 256],
    [2048, 128, 4096, 256],
    [64, 1024, 256, 4096],
    [256, 256, 512, 512],
  ])("of %i×%i is %i×%i", (width, height, smallWidth, smallHeight) => {
    expect(smallSize({ width, height }, STABLE_DIFFUSION)).toEqual({ width: smallWidth, height: smallHeight });
  });

  test("follows the model, and whole tiles where its graphs need them", () => {
    const large = { nativeSize: { width: 768, height: 768 }, smallStep: 8 };
    expect(smallSize({ width: 1536, height: 1024 }, large)).toEqual({ width: 936, height: 624 });
    expect(smallSize({ width: 1536, height: 1024 }, { ...large, smallStep: 64 })).toEqual({ width: 896, height: 576 });
  });

  test("counts for the memory when it is the larger one, and no initial picture does", () => {
    const init = { rgb: new Uint8Array(0), strength: 0.5 };
    expect(largestPass(job({ width: 1024, height: 1024, init, hiresStrength: 0.75 }), STABLE_DIFFUSION)).toEqual({
      width: 1024,
      height: 1024,
    });
    expect(largestPass(job({ width: 2048, height: 128, hiresStrength: 0.75 }), STABLE_DIFFUSION)).toEqual({ width: 4096, height: 256 });
    expect(largestPass(job({ width: 64, height: 64, init }), STABLE_DIFFUSION)).toEqual({ width: 64, height: 64, init });
  });
});

describe("a picture in two passes", () => {
  const session = new ModelSession();
  const steps: (readonly [step: number, total: number])[] = [];
  const previews: (readonly [width: number, height: number])[] = [];
  const notices: string[] = [];
  const report = {
    signal: new AbortController().signal,
    notice: (text: string) => void notices.push(text),
    stage: () => {},
    step: (step: number, total: number, preview?: { readonly width: number; readonly height: number }) => {
      steps.push([step, total]);
      if (preview !== undefined) previews.push([preview.width, preview.height]);
    },
    previewEvery: 0,
  };
  const base = {
    prompt: "a blue fish over the sea",
    steps: 4,
    cfgScale: 5,
    seed: 9,
    width: 320,
    height: 192,
    hiresStrength: 0.75,
  } as const;

  async function draw(overrides: Partial<GenerationJob> = {}, previewEvery = 0): Promise<GeneratedImage> {
    for (const list of [steps, previews, notices]) list.length = 0;
    return (await session.generate(job({ ...base, ...overrides }), { ...report, previewEvery })).image;
  }

  beforeAll(async () => {
    const path = join(PACKAGE_ROOT, "configs", "models", "crayon");
    await session.load({ path, memory: "fast", modelCache: "off", threads: 1 }, report);
  });

  test("has exactly the size that was asked for, says how it was made, and counts the steps of both passes", async () => {
    const image = await draw({}, 4);
    expect(image).toMatchObject({ width: 320, height: 192 });
    expect(notices).toEqual(["Interpolating from 328x192 to 320x192 using k_euler sampling"]);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7].map((step) => [step, 7]));
    // Steps 1, 5 and 7: of the first pass and of the second, by the model's own decoder of previews.
    expect(previews).toEqual([
      [328, 192],
      [320, 192],
      [320, 192],
    ]);
  });

  test("is another one than in one pass, and the same one twice", async () => {
    const twice = await draw({});
    expect(await draw({})).toEqual(twice);
    expect(comparePictures(await draw({ hiresStrength: undefined }), twice).mean).toBeGreaterThan(1);
  });

  test("at strength 0 it ends with the first pass, enlarged", async () => {
    const none = await draw({ hiresStrength: 0 });
    expect(steps).toHaveLength(4);
    expect(comparePictures(none, await draw({ hiresStrength: 0.25 })).mean).toBeGreaterThan(0);
    expect(steps).toHaveLength(5);
  });

  test("begins without an initial picture", async () => {
    const init = { rgb: new Uint8Array(320 * 192 * 3), strength: 0.5 };
    expect(await draw({ init })).toEqual(await draw({}));
  });
});
