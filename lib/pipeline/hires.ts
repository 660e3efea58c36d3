import type { PictureSize } from "../engine/memory.js";
import type { GenerationJob } from "../engine/protocol.js";
import type { Extent } from "../networks/network-sessions.js";
import { planSampling, type SamplingRequest } from "../samplers/plan.js";
import { resizeLatents } from "./resize-latents.js";
import { type Drawing, runSteps } from "./run-steps.js";
import { type PictureEncoder, startLatents } from "./start-latents.js";

/** What decides the size of the first pass. */
export interface SmallSizes {
  readonly nativeSize: PictureSize;
  /** Pixels of which the sides of the first pass are multiples. */
  readonly smallStep: number;
}

/**
 * Size of the first pass, as in InvokeAI 2.3.5: the area of the model's own size in the picture's proportions, no side below half of the
 * model's, both rounded down to multiples of the step. A picture smaller than the model's own size begins larger than it ends.
 */
export function smallSize({ width, height }: PictureSize, { nativeSize, smallStep }: SmallSizes): PictureSize {
  const side = nativeSize.width;
  const least = Math.floor(side / 2);
  const aspect = width / height;
  const shorter = Math.max(least, Math.sqrt(aspect > 1 ? side ** 2 / aspect : side ** 2 * aspect));
  const sides = aspect > 1 ? { width: shorter * aspect, height: shorter } : { width: shorter, height: shorter / aspect };
  const roundedDown = (length: number) => Math.floor(length / smallStep) * smallStep;
  return { width: roundedDown(sides.width), height: roundedDown(sides.height) };
}

/** What the largest pass of a job works on: its size, and the initial picture if it counts. */
export function largestPass(job: GenerationJob, sizes: SmallSizes): Pick<GenerationJob, "width" | "height" | "init"> {
  const { width, height, init, hiresStrength } = job;
  if (hiresStrength === undefined) return { width, height, init };
  const small = smallSize(job, sizes);
  return small.width * small.height > width * height ? small : { width, height };
}

/** What the two passes are drawn with. */
export interface HiresDrawing extends Drawing {
  readonly model: Drawing["model"] & PictureEncoder & SmallSizes & { readonly vaeScale: number };
}

/**
 * Draws the picture in the small size, enlarges the latents and refines them, under fresh noise, which the sampler's generator draws next.
 * The first pass has everything that the job asks for; gradient noise and mirrors are not for the second.
 *
 * @param request without a strength: the first pass is a whole run, the second one runs `hiresStrength` of the steps
 * @returns (4, H, W), scaled for the U-Net
 */
export async function drawTwice(drawing: HiresDrawing, job: GenerationJob, request: SamplingRequest): Promise<Float32Array> {
  const { model, report } = drawing;
  const { hiresStrength = 0, threshold } = job;
  const size = smallSize(job, model);
  const smallExtent = extentOf(size, model.vaeScale);
  const extent = extentOf(job, model.vaeScale);
  const first = planSampling(request);
  const second = planSampling({ ...request, strength: hiresStrength });
  const stepsInAll = first.steps + (hiresStrength === 0 ? 0 : second.steps);

  const start = await startLatents(model, { ...job, init: undefined }, first, smallExtent, report.signal);
  const drawn = await runSteps(drawing, { plan: first, extent: smallExtent, start, wishes: job, stepsBefore: 0, stepsInAll });
  report.notice(`Interpolating from ${size.width}x${size.height} to ${job.width}x${job.height} using ${second.sampler} sampling`);
  const enlarged = resizeLatents(drawn, smallExtent, extent);
  if (hiresStrength === 0) return enlarged;
  const latents = second.initialLatents(start.noise.normal(enlarged.length), enlarged);
  const under = { latents, noise: start.noise };
  return runSteps(drawing, { plan: second, extent, start: under, wishes: { threshold }, stepsBefore: first.steps, stepsInAll });
}

function extentOf({ width, height }: PictureSize, vaeScale: number): Extent {
  return { height: height / vaeScale, width: width / vaeScale };
}
