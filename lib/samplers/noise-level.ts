import type { NoiseSchedule } from "./noise-schedule.js";
import type { SchedulerConfig } from "./scheduler-config.js";
import { ddimTimesteps, dpmSolverTimesteps, kTimesteps, lcmTimesteps, roundHalfToEven } from "./timesteps.js";

/**
 * A latent at this level is alpha · picture + sigma · noise. Two families: the k-samplers leave the picture as it is (alpha 1, sigma
 * grows to 14.6), the others keep the variance (alpha² + sigma² = 1). The U-Net always sees the second kind and is told `timestep`.
 */
export interface NoiseLevel {
  /** Whole or fractional, in [0, T−1]. */
  readonly timestep: number;
  readonly alpha: number;
  readonly sigma: number;
}

/** All levels of an n-step run: one for each evaluation of the model, then the one where the run ends. */
export type LevelPlan = (schedule: NoiseSchedule, config: SchedulerConfig, steps: number, karras: boolean) => NoiseLevel[];

const PICTURE: NoiseLevel = { timestep: 0, alpha: 1, sigma: 0 };

/** λ = ln(alpha/sigma), half the log signal-to-noise ratio of the DPM-Solver papers; +∞ for the finished picture. */
export function lambda(level: NoiseLevel): number {
  return Math.log(level.alpha / level.sigma);
}

/** ddim: ends at ᾱ₀ or at 1, as the model's configuration says. Karras spacing does not apply. */
export const ddimLevels: LevelPlan = (schedule, config, steps) => [
  ...ddimTimesteps(config, steps).map((t) => fromAlphaBar(schedule.alphaBars[t]!, t)),
  fromAlphaBar(schedule.finalAlphaBar, 0),
];

/** plms: ddim's levels with the second one twice, for the correction of the first step. */
export const plmsLevels: LevelPlan = (schedule, config, steps) => {
  const levels = ddimTimesteps(config, steps).map((t) => keepingVariance(schedule.sigmaAt(t), t));
  if (steps > 1) levels.splice(1, 0, levels[1]!);
  return [...levels, fromAlphaBar(schedule.finalAlphaBar, 0)];
};

/** lcm: ends with the model's own prediction. Karras spacing does not apply. */
export const lcmLevels: LevelPlan = (schedule, config, steps) => [
  ...lcmTimesteps(config, steps).map((t) => fromAlphaBar(schedule.alphaBars[t]!, t)),
  PICTURE,
];

/** DPM-Solver++ and UniPC in the form of diffusers: ends with the picture. Karras timesteps are rounded. */
export const dpmSolverLevels: LevelPlan = (schedule, config, steps, karras) => {
  const levels = karras
    ? karrasSigmas(schedule, steps).map((sigma) => keepingVariance(sigma, roundHalfToEven(schedule.timestepOf(sigma))))
    : dpmSolverTimesteps(config, steps).map((t) => keepingVariance(schedule.sigmaAt(t), t));
  return [...levels, PICTURE];
};

/** k_dpmpp_2 in the form of InvokeAI 2.3: ends at timestep 0, not at the picture; Karras sigmas end there already. */
export const dpmSolverLevelsToTimestepZero: LevelPlan = (schedule, config, steps, karras) => {
  const levels = dpmSolverLevels(schedule, config, steps, karras);
  return karras ? levels : [...levels.slice(0, -1), keepingVariance(schedule.sigmaMin, 0)];
};

/** The k-samplers with one evaluation a step. */
export const kLevels: LevelPlan = (schedule, config, steps, karras) => {
  const levels = karras
    ? karrasSigmas(schedule, steps).map((sigma) => kLevelOf(sigma, schedule))
    : kTimesteps(config, steps).map((timestep) => ({ timestep, alpha: 1, sigma: schedule.sigmaAt(timestep) }));
  return [...levels, PICTURE];
};

/** k-samplers that evaluate twice: first at the step's start, then where the step ends. The last step evaluates once. */
export const kLevelsWithEnds: LevelPlan = (...input) => withSecondEvaluations(kLevels(...input), (_from, to) => to);

/** k-samplers that evaluate twice: first at the step's start, then at the geometric mean of its ends. */
export const kLevelsWithMeans: LevelPlan = (schedule, ...input) =>
  withSecondEvaluations(kLevels(schedule, ...input), (from, to) => kLevelOf(Math.sqrt(from.sigma * to.sigma), schedule));

/**
 * Ancestral k-samplers that evaluate twice: first at the step's start, then at the geometric mean of σ and σ_down = σ'²/σ, which is σ'
 * where the step ends. Its timestep is looked up anew, as in diffusers: between whole timesteps it is not quite that of the end.
 */
export const kLevelsWithAncestralMeans: LevelPlan = (schedule, ...input) =>
  withSecondEvaluations(kLevels(schedule, ...input), (_from, to) => kLevelOf(to.sigma, schedule));

function kLevelOf(sigma: number, schedule: NoiseSchedule): NoiseLevel {
  return { timestep: schedule.timestepOf(sigma), alpha: 1, sigma };
}

function withSecondEvaluations(levels: NoiseLevel[], second: (from: NoiseLevel, to: NoiseLevel) => NoiseLevel): NoiseLevel[] {
  const beforeLast = levels.slice(0, -2);
  return [...beforeLast.flatMap((from, i) => [from, second(from, levels[i + 1]!)]), ...levels.slice(-2)];
}

/** Karras et al., arXiv 2206.00364, equation 5 with ρ = 7, between the model's own extremes. */
function karrasSigmas(schedule: NoiseSchedule, steps: number): number[] {
  const rho = 7;
  const max = schedule.sigmaMax ** (1 / rho);
  const min = schedule.sigmaMin ** (1 / rho);
  return Array.from({ length: steps }, (_, i) => (max + (i / Math.max(steps - 1, 1)) * (min - max)) ** rho);
}

function fromAlphaBar(alphaBar: number, timestep: number): NoiseLevel {
  return { timestep, alpha: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar) };
}

/** The variance-keeping level with the ratio `sigma` of noise to picture. */
function keepingVariance(sigma: number, timestep: number): NoiseLevel {
  const alpha = 1 / Math.sqrt(1 + sigma ** 2);
  return { timestep, alpha, sigma: sigma * alpha };
}
