import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { GenerationReport } from "../engine/backend.js";
import type { LatentPreview } from "../engine/protocol.js";
import type { Extent, UNet } from "../networks/network-sessions.js";
import type { Predict } from "../samplers/denoiser.js";
import type { SamplingPlan } from "../samplers/plan.js";
import { type StepReport, sample } from "../samplers/sample.js";
import { isPreviewStep, type PreviewMatrix, previewLatents } from "./latent-preview.js";
import { FINISHED, type Painting, withKept } from "./painting.js";
import type { PreviewDecoder } from "./preview-decoder.js";
import { PreviewPace } from "./preview-pace.js";
import type { StartLatents } from "./start-latents.js";
import { applyStepOptions, type StepWishes } from "./step-options.js";
import { type SwapGuidance, swappingPredictor } from "./swapping-predictor.js";

/** What all passes of a picture share. */
export interface Drawing {
  readonly model: {
    readonly unet: UNet;
    /** Channels that the U-Net takes: 4, or 9 for inpainting models. */
    readonly unetChannels: number;
    readonly preview: PreviewMatrix;
    /** Shows the latents instead of the matrix. */
    readonly previewDecoder?: PreviewDecoder;
  };
  readonly guidance: SwapGuidance;
  readonly report: GenerationReport;
}

/** One run of the sampler. */
export interface Pass {
  readonly plan: SamplingPlan;
  readonly extent: Extent;
  readonly start: Pick<StartLatents, "latents" | "noise">;
  readonly wishes: StepWishes;
  /** Set when only a part of an initial picture is painted. */
  readonly painting?: Painting;
  /** Steps of the picture that went before this pass, and all of its steps: what progress counts. */
  readonly stepsBefore: number;
  readonly stepsInAll: number;
}

/**
 * Runs the sampler over latents of one size and tells each step.
 * @returns (4, H, W), scaled for the U-Net
 * @throws the signal's reason after the step that was under way
 */
export async function runSteps({ model, guidance, report }: Drawing, pass: Pass): Promise<Float32Array> {
  const { plan, extent, start, wishes, painting, stepsBefore, stepsInAll } = pass;
  let stepsDone = 0;
  const pace = new PreviewPace();
  const shape = { channels: model.unetChannels, ...extent };
  const guided = swappingPredictor(model.unet, guidance, shape, { beside: painting?.channels, progress: () => stepsDone / plan.steps });
  // A run blocks the event loop; one turn behind it lets a cancel in.
  const predict: Predict = async (input, timestep) => {
    const output = await guided(input, timestep);
    await eventLoopTurn();
    return output;
  };
  return sample(plan, predict, start.latents, {
    noise: start.noise,
    signal: report.signal,
    async onStep(finished: StepReport) {
      const { total, latents, denoised, level } = finished;
      stepsDone = finished.step;
      applyStepOptions(finished, wishes, extent, start.noise);
      painting?.restore?.(latents, finished.step === total ? FINISHED : level);
      const step = stepsBefore + finished.step;
      const wanted = isPreviewStep(step, stepsInAll, report.previewEvery) || (report.livePreviews && pace.isDue());
      const preview = () => previewOf(model, withKept(denoised, painting), extent);
      report.step(step, stepsInAll, wanted ? await pace.make(preview) : undefined);
    },
  });
}

async function previewOf({ preview, previewDecoder }: Drawing["model"], latents: Float32Array, extent: Extent): Promise<LatentPreview> {
  return previewDecoder?.show(latents, extent) ?? previewLatents(latents, extent.width, extent.height, preview);
}
