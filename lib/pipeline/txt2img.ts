import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { PromptEncoder } from "../conditioning/encode-prompt.js";
import type { GenerationReport } from "../engine/backend.js";
import type { GeneratedImage, GenerationJob, StageSeconds } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { UNet, VaeDecoder, VaeEncoder } from "../networks/network-sessions.js";
import type { Predict } from "../samplers/denoiser.js";
import { resolveSampler } from "../samplers/names.js";
import { planSampling } from "../samplers/plan.js";
import { type StepReport, sample } from "../samplers/sample.js";
import type { SchedulerConfig } from "../samplers/scheduler-config.js";
import { decodeLatents } from "./decode.js";
import { guidedPredictor } from "./guidance.js";
import { isPreviewStep, type PreviewMatrix, previewLatents } from "./latent-preview.js";
import { FINISHED, preparePainting, withKept } from "./painting.js";
import { toRgb } from "./rgb.js";
import { startLatents } from "./start-latents.js";
import { applyStepOptions } from "./step-options.js";

/** What a picture is made with. */
export interface PictureModel {
  readonly prompts: PromptEncoder;
  readonly unet: UNet;
  readonly vaeDecoder: VaeDecoder;
  readonly vaeEncoder: VaeEncoder;
  readonly scheduler: SchedulerConfig;
  /** Channels that the U-Net takes: 4, or 9 for inpainting models. */
  readonly unetChannels: number;
  /** Factor between the VAE's latents and the U-Net's. */
  readonly scalingFactor: number;
  /** Pixels per latent element. */
  readonly vaeScale: number;
  readonly preview: PreviewMatrix;
}

/** Every published U-Net halves its latents three times, and a latent element is 8 pixels wide. */
const SIZE_STEP = 64;

/**
 * Makes one picture from a prompt, and from an initial picture if there is one: conditioning, noise, sampling, decoding.
 * @throws DreamError usage/*, and the signal's reason after the step that was under way
 */
export async function txt2img(
  model: PictureModel,
  job: GenerationJob,
  report: GenerationReport,
): Promise<{ image: GeneratedImage; seconds: StageSeconds }> {
  const { signal } = report;
  requireSize(job);
  const plan = planSampling({
    scheduler: model.scheduler,
    sampler: resolveSampler(job.sampler),
    steps: job.steps,
    strength: job.init?.strength,
    karras: job.karras,
  });
  const height = job.height / model.vaeScale;
  const width = job.width / model.vaeScale;
  const started = performance.now();

  const positive = await encode(model, job.prompt, "prompt", job, report);
  const negative = job.cfgScale === 1 ? positive : await encode(model, job.negativePrompt, "negative prompt", job, report);
  const start = await startLatents(model, job, plan, { height, width }, signal);
  const painting = await preparePainting(model, job, { plan, start, extent: { height, width } });
  await eventLoopTurn();
  signal.throwIfAborted();
  const conditioned = performance.now();

  const guidance = { positive, negative, scale: job.cfgScale };
  const guided = guidedPredictor(model.unet, guidance, { channels: model.unetChannels, height, width }, painting?.channels);
  // A run blocks the event loop; one turn behind it lets a cancel in.
  const predict: Predict = async (input, timestep) => {
    const output = await guided(input, timestep);
    await eventLoopTurn();
    return output;
  };
  const sampling = {
    noise: start.noise,
    signal,
    onStep(finished: StepReport) {
      const { step, total, denoised, level } = finished;
      applyStepOptions(finished, job, { height, width }, start.noise);
      painting?.restore?.(finished.latents, step === total ? FINISHED : level);
      const wanted = isPreviewStep(step, total, report.previewEvery);
      report.step(step, total, wanted ? previewLatents(withKept(denoised, painting), width, height, model.preview) : undefined);
    },
  };
  const latents = start.finished ? start.latents : await sample(plan, predict, start.latents, sampling);
  const sampled = performance.now();

  requireNumbers(latents, "sampling");
  for (let i = 0; i < latents.length; i++) latents[i]! /= model.scalingFactor;
  const pixels = await decodeLatents(model.vaeDecoder, latents, { height, width, scale: model.vaeScale }, signal);
  requireNumbers(pixels, "the VAE");
  const image = toRgb(pixels, job.width, job.height);
  const seconds = (from: number, to: number) => (to - from) / 1000;
  return {
    image,
    seconds: {
      conditioning: seconds(started, conditioned),
      sampling: seconds(conditioned, sampled),
      decoding: seconds(sampled, performance.now()),
    },
  };
}

function requireSize({ width, height }: GenerationJob): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < SIZE_STEP || side % SIZE_STEP !== 0) {
      throw new DreamError("usage/size", `a picture of ${width}×${height} cannot be made`);
    }
  }
}

/** Infinities and NaN would become a black picture that looks like a result. */
function requireNumbers(values: Float32Array, origin: string): void {
  if (values.some((value) => !Number.isFinite(value))) {
    throw new DreamError("picture/not-a-number", `no picture came of this: ${origin} gave values that are not numbers`);
  }
}

async function encode(
  model: PictureModel,
  text: string,
  name: string,
  job: GenerationJob,
  report: GenerationReport,
): Promise<Float32Array> {
  const { rows, discarded } = await model.prompts.encode(text, job.clipSkip);
  if (discarded > 0) report.notice(`The ${name} is ${discarded} token(s) too long and has been truncated`);
  await eventLoopTurn();
  report.signal.throwIfAborted();
  return rows;
}
