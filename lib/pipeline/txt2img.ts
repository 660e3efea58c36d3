import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { Conditioning, PromptEncoder } from "../conditioning/encode-prompt.js";
import type { GenerationReport } from "../engine/backend.js";
import type { PictureSize } from "../engine/memory.js";
import type { GeneratedImage, GenerationJob, StageSeconds } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import type { UNet, VaeDecoder, VaeEncoder } from "../networks/network-sessions.js";
import { resolveSampler } from "../samplers/names.js";
import { planSampling } from "../samplers/plan.js";
import type { SchedulerConfig } from "../samplers/scheduler-config.js";
import { decodeLatents } from "./decode.js";
import { drawTwice } from "./hires.js";
import type { PreviewMatrix } from "./latent-preview.js";
import { preparePainting } from "./painting.js";
import type { PreviewDecoder } from "./preview-decoder.js";
import { toRgb } from "./rgb.js";
import { type Drawing, type Pass, runSteps } from "./run-steps.js";
import { type StartLatents, startLatents } from "./start-latents.js";

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
  readonly previewDecoder?: PreviewDecoder;
  readonly nativeSize: PictureSize;
  /** Pixels of which the sides of a small first pass are multiples. */
  readonly smallStep: number;
}

/** Every published U-Net halves its latents three times, and a latent element is 8 pixels wide. */
export const SIZE_STEP = 64;

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
  const { scheduler, vaeScale } = model;
  const request = { scheduler, sampler: resolveSampler(job.sampler), steps: job.steps, karras: job.karras };
  const plan = planSampling({ ...request, strength: job.init?.strength });
  const extent = { height: job.height / vaeScale, width: job.width / vaeScale };
  const started = performance.now();

  const { positive, negative, tokens, swap } = await encodePrompt(model, job, report);
  const start = job.hiresStrength === undefined ? await startLatents(model, job, plan, extent, signal) : undefined;
  const painting = start && (await preparePainting(model, job, { plan, start, extent }));
  await eventLoopTurn();
  signal.throwIfAborted();
  const conditioned = performance.now();

  const drawing = { model, guidance: { positive, negative, tokens, swap, scale: job.cfgScale }, report };
  const pass = { plan, extent, painting, wishes: job, stepsBefore: 0, stepsInAll: plan.steps };
  const latents = start === undefined ? await drawTwice(drawing, job, request) : await finish(drawing, start, pass);
  const sampled = performance.now();

  requireNumbers(latents, "sampling");
  for (let i = 0; i < latents.length; i++) latents[i]! /= model.scalingFactor;
  const pixels = await decodeLatents(model.vaeDecoder, latents, { ...extent, scale: vaeScale }, signal);
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

async function finish(drawing: Drawing, start: StartLatents, pass: Omit<Pass, "start">): Promise<Float32Array> {
  return start.finished ? start.latents : runSteps(drawing, { ...pass, start });
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

const SWAP_APPROXIMATED =
  ".swap() cannot take attention maps out of an exported model; the new words are drawn without them, and the picture may change all over";

/** The prompt's embeddings; what there is to tell of it is told. A cancel gets in between two runs of the text encoder. */
async function encodePrompt(model: PictureModel, job: GenerationJob, report: GenerationReport): Promise<Conditioning> {
  const conditioning = await model.prompts.encode(job, async () => {
    await eventLoopTurn();
    report.signal.throwIfAborted();
  });
  if (job.logTokens) report.tokens?.(conditioning.log);
  for (const note of conditioning.notes) report.notice(note);
  if (conditioning.swap !== undefined && model.unet.predictSwapped === undefined) report.notice(SWAP_APPROXIMATED);
  return conditioning;
}
