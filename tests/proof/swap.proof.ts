import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: a swapped word changes its thing and leaves the rest of the picture where it is: outside of the thing's box the picture differs
 * from that of the original prompt by less than half of what it differs by when the word is merely replaced, on average over twenty seeds.
 * The thing is red and the rest is not: its box holds every red pixel of the three pictures.
 */
const SEEDS = Number(process.env.PROOF_RUNS ?? 20);
const STEPS = 20;
const LIMIT = 0.5;
const PROMPTS = [
  ["circle", "star", (thing: string) => `a red ${thing} above a green house`],
  ["heart", "fish", (thing: string) => `a red ${thing} left of a blue tree`],
  ["house", "moon", (thing: string) => `a red ${thing} below a yellow cloud`],
] as const;

const session = new ModelSession();
const signal = new AbortController().signal;
const report = { signal, notice: console.log, stage: () => {}, step: () => {}, previewEvery: 0 };
const path = await proofModel();
await session.load({ path, memory: "fast", modelCache: "off", threads: 2 }, report);

let holds = true;
for (const [original, edited, prompt] of PROMPTS) {
  const sums = { replaced: 0, swapped: 0 };
  let closer = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const before = await draw(prompt(original), seed);
    const replaced = await draw(prompt(edited), seed);
    const swapped = await draw(prompt(`(${original}).swap(${edited})`), seed);
    const box = redBox([before, replaced, swapped]);
    const differences = { replaced: differenceOutside(box, before, replaced), swapped: differenceOutside(box, before, swapped) };
    sums.replaced += differences.replaced;
    sums.swapped += differences.swapped;
    if (differences.swapped < differences.replaced) closer++;
  }
  const mean = (sum: number) => (sum / SEEDS).toFixed(2);
  console.log(
    `${prompt(`(${original}).swap(${edited})`)}: outside of the box swapped ${mean(sums.swapped)}, replaced ${mean(sums.replaced)} of 255; ` +
      `closer with ${closer} of ${SEEDS} seeds`,
  );
  holds &&= sums.swapped < LIMIT * sums.replaced;
}
process.exitCode = holds ? 0 : 1;

async function draw(text: string, seed: number): Promise<GeneratedImage> {
  const job: GenerationJob = {
    prompt: text,
    seed,
    width: 256,
    height: 256,
    steps: STEPS,
    cfgScale: 5,
    sampler: "k_euler",
    variations: [],
    karras: false,
    rng: "cpu",
    seamless: "",
    clipSkip: 0,
  };
  return (await session.generate(job, report)).image;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Around every pixel that is clearly red in one of the pictures. */
function redBox(pictures: readonly GeneratedImage[]): Box {
  const box = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: -1, bottom: -1 };
  for (const { width, rgb } of pictures) {
    for (let at = 0; at < rgb.length; at += 3) {
      const [red, green, blue] = [rgb[at] as number, rgb[at + 1] as number, rgb[at + 2] as number];
      if (red < 130 || green > 0.6 * red || blue > 0.6 * red) continue;
      const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

/** Mean difference of a value, 0 … 255. */
function differenceOutside({ left, top, right, bottom }: Box, one: GeneratedImage, other: GeneratedImage): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < one.rgb.length; at += 3) {
    const [x, y] = [(at / 3) % one.width, Math.floor(at / 3 / one.width)];
    if (x >= left && x <= right && y >= top && y <= bottom) continue;
    for (let channel = 0; channel < 3; channel++) sum += Math.abs((one.rgb[at + channel] as number) - (other.rgb[at + channel] as number));
    count += 3;
  }
  return count === 0 ? 0 : sum / count;
}
