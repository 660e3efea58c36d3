/** `scheduler/scheduler_config.json`: the noise schedule that the model was trained with. */
export interface SchedulerConfig {
  readonly trainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: "linear" | "scaled_linear" | "squaredcos_cap_v2";
  readonly trainedBetas?: readonly number[];
  readonly predictionType: "epsilon" | "v_prediction";
  readonly stepsOffset: number;
  readonly setAlphaToOne: boolean;
  readonly clipSample: boolean;
  readonly timestepSpacing: "leading" | "linspace" | "trailing";
  readonly rescaleBetasZeroSnr: boolean;
}

/** The schedule of Stable Diffusion 1.x; a model without a scheduler_config.json gets it. */
export const STABLE_DIFFUSION_SCHEDULE: SchedulerConfig = {
  trainTimesteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: "scaled_linear",
  predictionType: "epsilon",
  stepsOffset: 1,
  setAlphaToOne: false,
  clipSample: false,
  timestepSpacing: "leading",
  rescaleBetasZeroSnr: false,
};
