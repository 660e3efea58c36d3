import type { NoiseSource } from "./noise-source.js";
import { TorchCpuNoise } from "./torch-cpu-noise.js";
import { TorchCudaNoise } from "./torch-cuda-noise.js";

/** @param rng which of torch's generators to imitate. @param seed 0 … 2³²−1 */
export function createNoiseSource(rng: "cpu" | "cuda", seed: number): NoiseSource {
  return rng === "cuda" ? new TorchCudaNoise(seed) : new TorchCpuNoise(seed);
}
