import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LatentPreview } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { readJsonObject } from "../json-file.js";

/** How a latent looks without the VAE: colour = bias + Σ weightᵢ·latentᵢ, in −1 … 1. */
export interface PreviewMatrix {
  /** One row a latent channel: its part in red, green, blue. */
  readonly weights: readonly (readonly [number, number, number])[];
  readonly bias: readonly [number, number, number];
}

/**
 * Fits the VAE that Stable Diffusion 1.x and 2.x share. Source: InvokeAI's `sample_to_lowres_estimated_image`, after keturn and erucipe
 * (discuss.huggingface.co, "Decoding latents to RGB without upscaling").
 */
export const STABLE_DIFFUSION_PREVIEW: PreviewMatrix = {
  weights: [
    [0.3444, 0.1385, 0.067],
    [0.1247, 0.4027, 0.1494],
    [-0.3192, 0.2513, 0.2103],
    [-0.1307, -0.1874, -0.7445],
  ],
  bias: [0, 0, 0],
};

/** Of every VAE that a matrix is known for. */
const PIXELS_PER_ELEMENT = 8;

/** A model folder whose VAE is not Stable Diffusion's may hold this file: `{"weights": [4 × [r, g, b]], "bias": [r, g, b]}`. */
const PREVIEW_FILE = "latent_preview.json";

/**
 * The matrix of a model.
 * @param path model folder or file
 * @throws DreamError model/config when the folder's own matrix is malformed
 */
export async function readPreviewMatrix(path: string): Promise<PreviewMatrix> {
  const file = join(path, PREVIEW_FILE);
  if (!existsSync(file)) return STABLE_DIFFUSION_PREVIEW;
  const { weights, bias } = await readJsonObject(file, "model/config");
  if (Array.isArray(weights) && weights.length === 4 && weights.every(isColor) && isColor(bias)) return { weights, bias };
  throw new DreamError("model/config", `${file} is not four rows of three numbers under "weights" and three numbers under "bias"`);
}

function isColor(value: unknown): value is [number, number, number] {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}

/**
 * Whether a step is shown: the reference counts from 0 and takes the steps that `every` divides, and the last one.
 * @param step 1 … total
 * @param every 0 shows none
 */
export function isPreviewStep(step: number, total: number, every: number): boolean {
  return every > 0 && ((step - 1) % every === 0 || step === total);
}

/**
 * A small picture, one pixel a latent element.
 * Values become bytes as in the reference: (v + 1)/2 clamped to 0 … 1, times 255, the fraction cut off.
 * @param latents (4, height, width), as the sampler sees them (multiplied by the scaling factor)
 */
export function previewLatents(latents: Float32Array, width: number, height: number, { weights, bias }: PreviewMatrix): LatentPreview {
  const area = width * height;
  const rgb = new Uint8Array(area * 3);
  for (let color = 0; color < 3; color++) {
    for (let i = 0; i < area; i++) {
      let value = bias[color]!;
      for (let channel = 0; channel < weights.length; channel++) value += weights[channel]![color]! * latents[channel * area + i]!;
      rgb[i * 3 + color] = Math.min(1, Math.max(0, (value + 1) / 2)) * 255;
    }
  }
  return { width, height, rgb, span: PIXELS_PER_ELEMENT };
}
