import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { GeneratedImage, GenerationJob, PaintedRegion } from "../../lib/engine/protocol.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { SAMPLER_NAMES } from "../../lib/samplers/names.js";
import { job } from "../engine/fakes.js";

/** The embedded model paints the right half of a picture that it drew itself. */

const SIDE = 64;
const SOFT_EDGE = 8;
const session = new ModelSession();
const steps: (readonly [number, number])[] = [];
const report = {
  signal: new AbortController().signal,
  notice: () => {},
  stage: () => {},
  step: (step: number, total: number) => void steps.push([step, total]),
  previewEvery: 0,
};
const base = { prompt: "a red star on a yellow background", steps: 10, cfgScale: 5, sampler: "k_euler", seed: 1 } as const;
const other = "a blue fish over the sea";
/** Keeps the left half. */
const leftHalf = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE < SIDE / 2 ? 255 : 0));
let star: GeneratedImage;

async function draw(overrides: Partial<GenerationJob>): Promise<GeneratedImage> {
  steps.length = 0;
  return (await session.generate(job({ ...base, ...overrides }), report)).image;
}

function paint(region: Partial<PaintedRegion> = {}, overrides: Partial<GenerationJob> = {}, strength = 0.8): Promise<GeneratedImage> {
  const init = { rgb: star.rgb, strength, region: { keep: leftHalf, replace: 0, softEdge: SOFT_EDGE, ...region } };
  return draw({ seed: 2, prompt: other, init, ...overrides });
}

/** Pixels that differ from the star's, and their mean difference in grey levels, among the columns from `left` to `right`. */
function change({ rgb }: GeneratedImage, left: number, right: number): { pixels: number; mean: number } {
  let [pixels, sum, levels] = [0, 0, 0];
  for (let i = 0; i < SIDE * SIDE; i++) {
    if (i % SIDE < left || i % SIDE >= right) continue;
    const differences = [0, 1, 2].map((channel) => Math.abs(rgb[i * 3 + channel]! - star.rgb[i * 3 + channel]!));
    if (differences.some((difference) => difference > 0)) pixels++;
    sum += differences.reduce((all, one) => all + one, 0);
    levels += 3;
  }
  return { pixels, mean: sum / levels };
}

/** Largest difference of two pictures in grey levels. */
function largest(one: GeneratedImage, other: GeneratedImage): number {
  return one.rgb.reduce((most, level, i) => Math.max(most, Math.abs(level - other.rgb[i]!)), 0);
}

beforeAll(async () => {
  const path = join(PACKAGE_ROOT, "configs", "models", "crayon");
  await session.load({ path, memory: "fast", modelCache: "off", threads: 1 }, report);
  star = await draw({});
});

test.each(SAMPLER_NAMES)("%s keeps what is kept bit for bit and paints the rest", async (sampler) => {
  const painted = await paint({}, { sampler, steps: 5 });
  expect(change(painted, 0, SIDE / 2 - 1.5 * SOFT_EDGE).pixels).toBe(0);
  expect(change(painted, SIDE / 2 + 8, SIDE).mean).toBeGreaterThan(5);
});

test("what is kept is close to the original up to the border, because the latents were kept, too", async () => {
  expect(change(await paint({ softEdge: 0 }), 0, SIDE / 2).pixels).toBe(0);
  const { mean } = change(await paint(), SIDE / 2 - SOFT_EDGE, SIDE / 2 - 2);
  expect(mean).toBeLessThan(12);
});

test("a seed paints the same again, another one something else", async () => {
  const one = await paint();
  expect(await paint()).toEqual(one);
  expect(await paint({}, { seed: 3 })).not.toEqual(one);
});

test("a mask that keeps everything gives the original back", async () => {
  expect(await paint({ keep: leftHalf.map(() => 255) })).toEqual(star);
});

test("without anything to keep the whole picture is painted", async () => {
  expect(change(await paint({ keep: leftHalf.map(() => 0) }), 0, SIDE / 2).mean).toBeGreaterThan(10);
});

test("other noise below the mask changes what is painted and nothing else", async () => {
  const replaced = await paint({ replace: 1 }, {}, 0.4);
  expect(change(replaced, 0, SIDE / 2 - 1.5 * SOFT_EDGE).pixels).toBe(0);
  expect(replaced).not.toEqual(await paint({ replace: 0 }, {}, 0.4));
});

test("strength 0 leaves the kept part and shows the VAE's picture in the other", async () => {
  const painted = await paint({}, {}, 0);
  expect(change(painted, 0, SIDE / 2 - 1.5 * SOFT_EDGE).pixels).toBe(0);
  expect(change(painted, SIDE / 2 + 8, SIDE).mean).toBeLessThan(10);
  expect(steps).toEqual([]);
});

test("what is transparent is filled first: the colours below it do not count", async () => {
  const infill = { method: "patchmatch", tileSize: 32 } as const;
  const hidden = star.rgb.map((level, i) => (leftHalf[Math.floor(i / 3)] === 255 ? level : 0));
  const region = { keep: leftHalf, alpha: leftHalf, infill, replace: 0, softEdge: SOFT_EDGE };
  const one = await draw({ seed: 2, init: { rgb: star.rgb, strength: 0.5, region } });
  expect(await draw({ seed: 2, init: { rgb: hidden, strength: 0.5, region } })).toEqual(one);
});

test("the seam is painted in a second pass whose steps are counted with the first ones", async () => {
  const seam = { size: 16, blur: 2, strength: 0.7, steps: 5 };
  const without = await paint();
  const seamless = await paint({ seam });
  expect(steps.at(0)).toEqual([1, 11]);
  expect(steps.at(-1)).toEqual([11, 11]);
  const far = (image: GeneratedImage) => image.rgb.filter((_, i) => Math.floor(i / 3) % SIDE >= SIDE / 2 + 8 + 3);
  const near = (image: GeneratedImage) => image.rgb.filter((_, i) => Math.abs((Math.floor(i / 3) % SIDE) - SIDE / 2) < 4);
  expect(far(seamless)).toEqual(far(without));
  expect(near(seamless)).not.toEqual(near(without));
});

test("a word that is swapped is another picture in what is painted and none in what is kept; swapped with itself it is the same", async () => {
  const text = (word: string) => paint({}, { prompt: `a blue ${word} over the sea` });
  const original = await text("fish");
  const swapped = await text("(fish).swap(star)");
  expect(change(swapped, 0, SIDE / 2 - 1.5 * SOFT_EDGE).pixels).toBe(0);
  expect(largest(swapped, original)).toBeGreaterThan(20);
  expect(largest(await text("(fish).swap(fish)"), original)).toBeLessThanOrEqual(1);
});

test("a mask of another size than the picture is a defect of the caller", async () => {
  await expect(paint({ keep: leftHalf.subarray(1) })).rejects.toMatchObject({ code: "engine/failed" });
});
