import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";

/** What determines the whole pictures of one model by diffusers (`tests/oracles/pictures/make.py`). */
export interface PictureOracle {
  readonly prompts: readonly { readonly prompt: string; readonly seed: number }[];
  readonly negative: string;
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly cfg: number;
  readonly samplers: Readonly<Record<string, { readonly timesteps: readonly number[] }>>;
}

/** In grey levels of 255. */
export interface Difference {
  readonly mean: number;
  readonly largest: number;
}

/** What may differ. The pictures were drawn by another program with another library of operators. */
export const TOLERANCE: Difference = { mean: 0.1, largest: 4 };

const PICTURES = path.join(ORACLES, "pictures");

/** Models of which there are pictures. */
export const PICTURED_MODELS = readdirSync(PICTURES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => path.basename(file, ".json"));

export function readPictureOracle(model: string): PictureOracle {
  return JSON.parse(readFileSync(path.join(PICTURES, `${model}.json`), "utf8"));
}

const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };

export async function openPictured(model: string): Promise<ModelSession> {
  const miniature = path.join(MINIATURES, model);
  const folder = existsSync(miniature) ? miniature : path.join(PACKAGE_ROOT, "configs", "models", model);
  const session = new ModelSession();
  await session.load({ ...loadRequest(folder), memory: "fast" }, report);
  return session;
}

/**
 * Draws pictures and compares them with diffusers'.
 * @param chosen places among the oracle's prompts
 */
export async function comparePictures(
  session: ModelSession,
  model: string,
  sampler: string,
  chosen: readonly number[],
): Promise<Difference> {
  const oracle = readPictureOracle(model);
  const { width, height, steps, cfg, negative, prompts } = oracle;
  const strip = await sharp(path.join(PICTURES, model, `${sampler}.png`))
    .removeAlpha()
    .raw()
    .toBuffer();
  if (strip.length !== 3 * width * height * prompts.length) throw new Error(`${model}/${sampler}.png has another size`);
  let sum = 0;
  let largest = 0;
  for (const place of chosen) {
    const { prompt, seed } = prompts[place]!;
    const job: GenerationJob = {
      prompt: `${prompt} [${negative}]`,
      width,
      height,
      steps,
      cfgScale: cfg,
      sampler,
      seed,
      variations: [],
      karras: false,
      rng: "cpu",
      seamless: "",
      clipSkip: 0,
    };
    const { image } = await session.generate(job, report);
    const { mean, largest: most } = difference(image, cut(strip, oracle, place));
    sum += mean;
    largest = Math.max(largest, most);
  }
  return { mean: sum / chosen.length, largest };
}

/** One of the pictures that lie side by side. */
function cut(strip: Uint8Array, { width, height, prompts }: PictureOracle, place: number): Uint8Array {
  const row = 3 * width;
  const picture = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const from = (y * prompts.length + place) * row;
    picture.set(strip.subarray(from, from + row), y * row);
  }
  return picture;
}

function difference({ rgb }: GeneratedImage, expected: Uint8Array): Difference {
  if (rgb.length !== expected.length) return { mean: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY };
  let sum = 0;
  let largest = 0;
  for (let i = 0; i < rgb.length; i++) {
    const distance = Math.abs(rgb[i]! - expected[i]!);
    sum += distance;
    largest = Math.max(largest, distance);
  }
  return { mean: sum / rgb.length, largest };
}
