import type { GenerationJob } from "../engine/protocol.js";
import type { Extent } from "../networks/network-sessions.js";
import type { NoiseSource } from "../random/noise-source.js";
import type { StepReport } from "../samplers/sample.js";
import { isMirrorStep, mirrorLeftToRight, mirrorTopToBottom } from "./symmetry.js";
import { applyThreshold, limitAt } from "./threshold.js";

/** Which step of how many has just been made, from 1. */
export type StepProgress = Pick<StepReport, "step" | "total">;

/** What a job asks to be done to the latents behind a step. */
export type StepWishes = Pick<GenerationJob, "threshold" | "hSymmetryTime" | "vSymmetryTime">;

/**
 * Does to the latents behind a step what the job asks for, in InvokeAI 2.3.5's order: the limit first, then the mirrors. In place.
 * @param noise of the sampler
 */
export function applyStepOptions(
  report: StepProgress & Pick<StepReport, "latents">,
  wishes: StepWishes,
  extent: Extent,
  noise: NoiseSource,
): void {
  const { threshold = 0, hSymmetryTime = 0, vSymmetryTime = 0 } = wishes;
  if (threshold > 0) applyThreshold(report.latents, limitAt(threshold, report), noise);
  if (isMirrorStep(hSymmetryTime, report)) mirrorLeftToRight(report.latents, extent);
  if (isMirrorStep(vSymmetryTime, report)) mirrorTopToBottom(report.latents, extent);
}
