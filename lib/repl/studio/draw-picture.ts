import type { Engine, Generated } from "../../engine/engine.js";
import type { GenerationJob, LatentPreview } from "../../engine/protocol.js";
import { type LabHistograms, matchHistograms } from "../../images/pixels/match-histograms.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import { stepsOfStrength } from "../../samplers/kept-steps.js";
import type { Emit } from "../events.js";
import { findLoras } from "./find-loras.js";
import type { Guard } from "./guard.js";
import type { PaintablePicture } from "./series.js";

/** Where a picture stands in its line, and who wants to see it grow. */
export interface DrawOptions {
  readonly engine: Engine;
  readonly emit: Emit;
  /** Which picture of the line, from 1, and how many there will be. */
  readonly picture: number;
  readonly pictures: number;
  /** The picture to begin with, of the size that is made. */
  readonly init?: PaintablePicture;
  /** Looks at the picture before anybody else does; absent when nobody asked for it. */
  readonly guard?: Guard;
  /** The colours that the finished picture gets. */
  readonly colours?: LabHistograms;
  /** Tell the prompt's tokens. */
  readonly logTokens?: boolean;
  /** Where `withLora()` finds its files. */
  readonly loraFolders: readonly string[];
  /** Told the preview of every so many steps; `step` counts from 0. */
  readonly previews?: { readonly every: number; readonly onPreview: (step: number, steps: number, preview: LatentPreview) => void };
}

/**
 * Makes one picture and tells how far it is; nothing is written.
 *
 * @throws DreamError as the engine does
 */
export async function drawPicture(settings: PictureSettings, options: DrawOptions): Promise<Generated | "cancelled"> {
  const { engine, emit, picture, pictures, init, guard, colours, previews, logTokens = false } = options;
  const { loras, notes } = await findLoras(settings, options.loraFolders);
  for (const text of notes) emit({ type: "text", text });
  const began = performance.now();
  const tell = (step: number, steps: number) =>
    emit({ type: "progress", progress: { picture, pictures, step, steps, seconds: (performance.now() - began) / 1000 } });
  tell(0, stepsToRun(settings, init));
  const job = { ...jobOf(settings, init, logTokens), ...(loras.length > 0 && { loras }) };
  let previewed = Promise.resolve();
  const show = async (preview: LatentPreview, onward: (shown: LatentPreview) => void) =>
    onward(guard === undefined ? preview : await guard.preview(preview, job.width / preview.width));
  const drawn = await engine.generate(job, {
    onStep: (step, steps, preview) => {
      tell(step, steps);
      if (preview === undefined || previews === undefined) return;
      previewed = previewed.then(() => show(preview, (shown) => previews.onPreview(step - 1, steps, shown)));
    },
    onNotice: (text) => emit({ type: "text", text: `>> ${text}` }),
    onTokens: (log) => emit({ type: "tokens", log }),
    previewEvery: previews?.every ?? 0,
  });
  await previewed;
  if (drawn === "cancelled") return drawn;
  const passed = guard === undefined ? { picture: drawn.image, isHidden: false } : await guard.pass(drawn.image);
  if (passed === "cancelled") return passed;
  const isColoured = colours !== undefined && !passed.isHidden;
  return { ...drawn, image: isColoured ? await matchHistograms(passed.picture, colours) : passed.picture };
}

/** What the engine will count, before it has begun. */
function stepsToRun({ steps, strength = 1, hiresFix }: PictureSettings, init: PaintablePicture | undefined): number {
  const kept = Math.max(1, stepsOfStrength(steps, strength));
  if (hiresFix) return steps + (strength === 0 ? 0 : kept);
  return init === undefined ? steps : kept;
}

function jobOf(settings: PictureSettings, init: PaintablePicture | undefined, logTokens: boolean): GenerationJob {
  return {
    prompt: settings.prompt,
    skipNormalize: settings.skipNormalize,
    longPrompts: settings.longPrompts,
    width: init?.width ?? settings.width,
    height: init?.height ?? settings.height,
    steps: settings.steps,
    cfgScale: settings.cfgScale,
    sampler: settings.sampler,
    seed: settings.seed,
    variations: settings.withVariations,
    karras: settings.karrasMax !== undefined && settings.steps < settings.karrasMax,
    rng: settings.rng,
    seamless: settings.seamlessAxes,
    clipSkip: settings.clipSkip === undefined ? 0 : settings.clipSkip - 1,
    logTokens,
    init: init && { rgb: init.rgb, strength: settings.strength ?? 1, region: init.region },
    perlin: settings.perlin,
    threshold: settings.threshold,
    hSymmetryTime: settings.hSymmetryTimePct,
    vSymmetryTime: settings.vSymmetryTimePct,
    hiresStrength: settings.hiresFix && settings.strength,
  };
}
