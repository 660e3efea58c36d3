import type { GenerationReport } from "../engine/backend.js";
import type { GeneratedImage, GenerationJob, InitialPicture, PaintedRegion, StageSeconds } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { infill } from "../images/painting/infill.js";
import { matchColours } from "../images/painting/match-colours.js";
import { pasteBack } from "../images/painting/paste-back.js";
import { seamMask } from "../images/painting/seam-mask.js";
import { nextSeed } from "../random/seeds.js";
import { resolveSampler } from "../samplers/names.js";
import { planSampling } from "../samplers/plan.js";
import { type PictureModel, txt2img } from "./txt2img.js";

interface Made {
  readonly image: GeneratedImage;
  readonly seconds: StageSeconds;
}

/** A job that paints a part of its initial picture. */
type PaintingJob = GenerationJob & { readonly init: InitialPicture & { readonly region: PaintedRegion } };

/**
 * Makes a picture. Of an initial picture with a painted region only that is painted: what is transparent is filled, the whole is sampled,
 * brought to the original's colours and put below the original's kept part; then the same along the seam, if that is wanted.
 *
 * @throws DreamError usage/*, and the signal's reason after the step that was under way
 */
export async function makePicture(model: PictureModel, job: GenerationJob, report: GenerationReport): Promise<Made> {
  if (!paintsRegion(job)) return txt2img(model, job, report);
  const { width, height } = job;
  const { rgb, region } = job.init;
  checkRegion(region, width * height);
  const seam = seamJob(job);
  const steps = [stepsOf(model, job), seam === undefined ? 0 : stepsOf(model, seam)] as const;
  const filled = await infill({ width, height, rgb, alpha: region.alpha }, region.infill, job.seed, () => report.signal.throwIfAborted());
  const first = await paint(model, { ...job, init: { ...job.init, rgb: filled.rgb } }, { width, height, rgb }, within(report, 0, steps));
  if (seam === undefined) return first;
  const init = { ...seam.init, rgb: first.image.rgb };
  const second = await paint(model, { ...seam, init }, first.image, within(report, steps[0], steps));
  return { image: second.image, seconds: sum(first.seconds, second.seconds) };
}

async function paint(model: PictureModel, job: PaintingJob, original: GeneratedImage, report: GenerationReport): Promise<Made> {
  const { keep, alpha, softEdge } = job.init.region;
  const { image, seconds } = await txt2img(model, job, report);
  const visible = alpha === undefined ? keep : keep.map((level, i) => (alpha[i] === 0 ? 0 : level));
  return { image: pasteBack(matchColours(image, original, visible), { original, keep, alpha, softEdge }), seconds };
}

/** The job that paints the border of the region once more; its initial picture is what the first one makes. */
function seamJob(job: PaintingJob): PaintingJob | undefined {
  const { keep, seam } = job.init.region;
  const mask = seam && seamMask(keep, job, seam.size, seam.blur);
  if (mask === undefined) return undefined;
  const region = { keep: mask, replace: 0, softEdge: 0 };
  // The same noise twice would show.
  const noise = { seed: nextSeed(job.seed), variations: [] };
  return { ...job, ...noise, steps: seam!.steps, init: { rgb: job.init.rgb, strength: seam!.strength, region } };
}

function stepsOf({ scheduler }: PictureModel, { sampler, steps, karras, init }: PaintingJob): number {
  if (init.strength === 0) return 0;
  return planSampling({ scheduler, sampler: resolveSampler(sampler), steps, strength: init.strength, karras }).steps;
}

/** Counts the steps of one pass among those of both. */
function within(report: GenerationReport, before: number, [first, second]: readonly [number, number]): GenerationReport {
  return { ...report, step: (step, _total, preview) => report.step(before + step, first + second, preview) };
}

function sum(one: StageSeconds, other: StageSeconds): StageSeconds {
  return {
    conditioning: one.conditioning + other.conditioning,
    sampling: one.sampling + other.sampling,
    decoding: one.decoding + other.decoding,
  };
}

function paintsRegion(job: GenerationJob): job is PaintingJob {
  return job.init?.region !== undefined && job.hiresStrength === undefined;
}

function checkRegion({ keep, alpha }: PaintedRegion, pixels: number): void {
  if (keep.length === pixels && (alpha === undefined || alpha.length === pixels)) return;
  throw new DreamError("engine/failed", `the mask of the painted region has not the ${pixels} pixels of the picture`);
}
