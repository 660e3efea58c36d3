import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { comparePictures } from "../../lib/images/pixels/compare-pictures.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job } from "../engine/fakes.js";

/** The embedded model with a picture that it drew itself. */

const session = new ModelSession();
const steps: number[] = [];
const report = {
  signal: new AbortController().signal,
  notice: () => {},
  stage: () => {},
  step: (_step: number, total: number) => void steps.push(total),
  previewEvery: 0,
};
const base = { prompt: "a red star on a yellow background", steps: 10, cfgScale: 5, sampler: "k_euler", seed: 1 } as const;
let star: GeneratedImage;

async function draw(overrides: Partial<GenerationJob>): Promise<GeneratedImage> {
  steps.length = 0;
  return (await session.generate(job({ ...base, ...overrides }), report)).image;
}

/** Mean difference in grey levels of the star and what was made of it. */
async function change(strength: number, overrides: Partial<GenerationJob> = {}): Promise<number> {
  return comparePictures(await draw({ seed: 2, init: { rgb: star.rgb, strength }, ...overrides }), star).mean;
}

beforeAll(async () => {
  const path = join(PACKAGE_ROOT, "configs", "models", "crayon");
  await session.load({ path, memory: "fast", modelCache: "off", threads: 1 }, report);
  star = await draw({});
});

test("strength 0 gives the picture back as the VAE sees it, without a step, whatever the prompt", async () => {
  expect(await change(0)).toBeLessThan(6);
  expect(steps).toEqual([]);
  expect(await change(0, { prompt: "a blue fish" })).toBe(await change(0));
});

test("a small strength stays close, a larger one goes further", async () => {
  const other = { prompt: "a blue fish over the sea" };
  const [small, large] = [await change(0.1, other), await change(0.8, other)];
  expect(small).toBeLessThan(12);
  expect(large).toBeGreaterThan(3 * small);
});

test("the prompt makes the difference", async () => {
  expect(await change(0.7, { prompt: "a blue fish over the sea" })).toBeGreaterThan(3 * (await change(0.7)));
});

test.each([
  [10, 0.7, 7],
  [10, 0.4, 4],
  [10, 1, 10],
  [10, 0.01, 1],
])("of %i steps at strength %d, %i are run", async (count, strength, run) => {
  await change(strength, { steps: count });
  expect(steps).toEqual(Array<number>(run).fill(run));
});

test("the seed and its variations choose the noise", async () => {
  const init = { rgb: star.rgb, strength: 0.7 };
  const one = await draw({ seed: 2, init });
  expect(await draw({ seed: 2, init })).toEqual(one);
  expect(await draw({ seed: 3, init })).not.toEqual(one);
  expect(await draw({ seed: 2, init, variations: [{ seed: 3, weight: 0 }] })).toEqual(one);
  expect(await draw({ seed: 2, init, variations: [{ seed: 3, weight: 0.3 }] })).not.toEqual(one);
});

test("a cancel before the first step ends it", async () => {
  const abort = new AbortController();
  const wanted = job({ ...base, init: { rgb: star.rgb, strength: 0.7 } });
  const drawing = session.generate(wanted, { ...report, signal: abort.signal });
  abort.abort();
  await expect(drawing).rejects.toBe(abort.signal.reason);
});
