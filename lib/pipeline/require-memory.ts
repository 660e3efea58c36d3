import type { WeightSource } from "../checkpoints/tensor.js";
import { availableMemory } from "../engine/available-memory.js";
import { DreamError } from "../errors.js";
import { parameterBytes } from "../models/open-diffusers.js";

/** What a network takes beside its weights in 32 bits, as a share of them: measured 0.25 for CLIP's largest picture tower. */
const BESIDE_WEIGHTS = 0.3;

/**
 * Refuses to load a network beside the models where its weights do not fit.
 * @param what begins the sentence
 * @throws DreamError memory/predicted
 */
export async function requireMemory(what: string, weights: WeightSource): Promise<void> {
  const needed = parameterBytes(weights) * (1 + BESIDE_WEIGHTS);
  if (needed <= (await availableMemory())) return;
  throw new DreamError("memory/predicted", `${what} needs about ${(needed / 2 ** 30).toFixed(1)} GiB, more than is free`);
}
