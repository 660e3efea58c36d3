import type { SchedulerConfig } from "./scheduler-config.js";

/** Stands for ᾱ = 0 where a formula divides by it; diffusers' value, so that σ_max is 4096 there and here. */
const SUBSTITUTE_FOR_ZERO = 2 ** -24;

/**
 * The noise schedule that a model was trained with: ᾱ_t for t = 0 … T−1, and the σ_t = √((1−ᾱ_t)/ᾱ_t) of the k-samplers (Karras et al.,
 * "Elucidating the Design Space of Diffusion-Based Generative Models", arXiv 2206.00364, table 1, VP column).
 */
export class NoiseSchedule {
  /** ᾱ_t, float32 like the table that the model saw in training. */
  readonly alphaBars: Float32Array;
  /** What ᾱ becomes behind the last step of ddim and plms. */
  readonly finalAlphaBar: number;
  readonly #sigmas: Float64Array;
  readonly #logSigmas: Float64Array;

  constructor(config: SchedulerConfig) {
    this.alphaBars = cumulativeProducts(betasOf(config));
    if (config.rescaleBetasZeroSnr) rescaleToZeroTerminalSnr(this.alphaBars);
    // Only v-prediction still says something about the picture when the input is noise alone.
    if (config.predictionType === "epsilon") this.alphaBars = this.alphaBars.map(aboveZero);
    this.finalAlphaBar = config.setAlphaToOne ? 1 : this.alphaBars[0]!;
    this.#sigmas = Float64Array.from(this.alphaBars, (alphaBar) => Math.sqrt((1 - aboveZero(alphaBar)) / aboveZero(alphaBar)));
    this.#logSigmas = this.#sigmas.map(Math.log);
  }

  /** σ of the least noisy timestep, 0. */
  get sigmaMin(): number {
    return this.#sigmas[0]!;
  }

  /** σ of the noisiest timestep. */
  get sigmaMax(): number {
    return this.#sigmas[this.#sigmas.length - 1]!;
  }

  /** σ at a timestep in [0, T−1], linear between whole timesteps. */
  sigmaAt(timestep: number): number {
    const low = Math.min(Math.floor(timestep), this.#sigmas.length - 2);
    const share = timestep - low;
    return (1 - share) * this.#sigmas[low]! + share * this.#sigmas[low + 1]!;
  }

  /** The timestep in [0, T−1] at which the noise level is σ, linear in ln σ between whole timesteps. */
  timestepOf(sigma: number): number {
    const logSigma = Math.log(sigma);
    const above = this.#logSigmas.findIndex((value) => value > logSigma);
    const last = this.#logSigmas.length - 1;
    if (above === 0) return 0;
    if (above < 0) return last;
    const low = this.#logSigmas[above - 1]!;
    return above - 1 + (logSigma - low) / (this.#logSigmas[above]! - low);
  }
}

function aboveZero(alphaBar: number): number {
  return alphaBar === 0 ? SUBSTITUTE_FOR_ZERO : alphaBar;
}

/** β_t in float32, rounded where torch rounds, so that the tables agree to the last places. */
function betasOf(config: SchedulerConfig): Float32Array {
  const { trainTimesteps, betaStart, betaEnd } = config;
  if (config.trainedBetas !== undefined) return Float32Array.from(config.trainedBetas);
  switch (config.betaSchedule) {
    case "linear":
      return linspace(betaStart, betaEnd, trainTimesteps);
    case "scaled_linear":
      return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainTimesteps).map((root) => root ** 2);
    case "squaredcos_cap_v2": {
      // Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models", arXiv 2102.09672, equation 17.
      const alphaBar = (share: number) => Math.cos((((share + 0.008) / 1.008) * Math.PI) / 2) ** 2;
      return Float32Array.from({ length: trainTimesteps }, (_, t) =>
        Math.min(1 - alphaBar((t + 1) / trainTimesteps) / alphaBar(t / trainTimesteps), 0.999),
      );
    }
  }
}

/** `count` float32 values from `start` to `end`, filled from both ends towards the middle as torch does. */
function linspace(start: number, end: number, count: number): Float32Array {
  const step = Math.fround((Math.fround(end) - Math.fround(start)) / Math.max(count - 1, 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? Math.fround(start) + step * i : Math.fround(end) - step * (count - 1 - i),
  );
}

/** ᾱ_t = Π (1−β_s): float32 factors and results, double precision in between, as torch's cumprod. */
function cumulativeProducts(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= Math.fround(1 - beta);
    return product;
  });
}

/** Shifts √ᾱ so that the last one is 0 and the first one stays. Lin et al., arXiv 2305.08891, algorithm 1. In place. */
function rescaleToZeroTerminalSnr(alphaBars: Float32Array): void {
  const first = Math.sqrt(alphaBars[0]!);
  const last = Math.sqrt(alphaBars[alphaBars.length - 1]!);
  for (const [t, alphaBar] of alphaBars.entries()) {
    alphaBars[t] = (((Math.sqrt(alphaBar) - last) * first) / (first - last)) ** 2;
  }
}
