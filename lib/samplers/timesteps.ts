import type { SchedulerConfig } from "./scheduler-config.js";

/**
 * Which timesteps an n-step run visits, noisiest first. A model whose configuration says "trailing" (Lin et al., arXiv 2305.08891,
 * table 2) was distilled or rescaled for it and gets that spacing from every sampler but lcm. Otherwise each sampler keeps its own
 * convention, the one of InvokeAI 2.3: there "leading" and "linspace" only name the habit of the scheduler that wrote the file.
 */

/** ddim and plms: multiples of ⌊T/n⌋, shifted by the configured offset. */
export function ddimTimesteps(config: SchedulerConfig, steps: number): number[] {
  if (config.timestepSpacing === "trailing") return trailing(config, steps);
  const stride = Math.floor(config.trainTimesteps / steps);
  return descending(steps, (i) => Math.min(i * stride + config.stepsOffset, config.trainTimesteps - 1));
}

/** The k-samplers: from T−1 to 0, fractions kept. One step alone stands at 0, as in the reference. */
export function kTimesteps(config: SchedulerConfig, steps: number): number[] {
  return config.timestepSpacing === "trailing" ? trailing(config, steps) : linspace(config, steps);
}

/** DPM-Solver++ and UniPC: n+1 whole timesteps from T−1 to 0 without the 0. Very long runs lose the repetitions. */
export function dpmSolverTimesteps(config: SchedulerConfig, steps: number): number[] {
  if (config.timestepSpacing === "trailing") return trailing(config, steps);
  return [
    ...new Set(
      linspace(config, steps + 1)
        .slice(0, -1)
        .map(roundHalfToEven),
    ),
  ];
}

/** The number of timesteps that latent consistency models are distilled on. */
const LCM_TRAINED_STEPS = 50;

/** lcm: evenly chosen from the timesteps of the distillation; longer runs than that choose from as many as they need. */
export function lcmTimesteps(config: SchedulerConfig, steps: number): number[] {
  const trained = Math.max(LCM_TRAINED_STEPS, steps);
  const stride = Math.floor(config.trainTimesteps / trained);
  return Array.from({ length: steps }, (_, i) => (trained - Math.floor(i * (trained / steps))) * stride - 1);
}

function linspace(config: SchedulerConfig, count: number): number[] {
  const stride = (config.trainTimesteps - 1) / Math.max(count - 1, 1);
  return descending(count, (i) => i * stride);
}

function trailing(config: SchedulerConfig, steps: number): number[] {
  const stride = config.trainTimesteps / steps;
  return Array.from({ length: steps }, (_, i) => Math.max(roundHalfToEven(config.trainTimesteps - i * stride) - 1, 0));
}

function descending(count: number, value: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => value(count - 1 - i));
}

/** numpy's rounding. Exported for the timesteps that Karras spacing rounds. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
