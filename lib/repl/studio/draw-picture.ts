import type { Engine, Generated } from "../../engine/engine.js";
import type { GenerationJob, LatentPreview } from "../../engine/protocol.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { type LabHistograms, matchHistograms } from "../../images/pixels/match-histograms.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import { stepsOfStrength } from "../../samplers/kept-steps.js";
import type { Emit } from "../events.js";
import { drawTiles, type TiledSettings, tilesOf } from "./draw-tiles.js";
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
  /** Told the preview of every so many steps, and of others where there are any; `step` counts from 0. */
  readonly previews?: { readonly every: number; readonly onPreview: (step: number, steps: number, preview: LatentPreview) => void };
  /** Tell by events how the picture looks now and then. */
  readonly livePreviews?: boolean;
}

/**
 * Makes one picture and tells how far it is; nothing is written.
 *
 * @throws DreamError as the engine does
 */
export async function drawPicture(settings: PictureSettings, options: DrawOptions): Promise<Generated | "cancelled"> {
  const { emit, init, guard, colours } = options;
  const { loras, notes } = await findLoras(settings, options.loraFolders);
  for (const text of notes) emit({ type: "text", text });
  const drawn =
    isTiled(settings) && init !== undefined ? await drawInTiles(settings, init, loras, options) : await drawWhole(settings, loras, options);
  if (drawn === "cancelled") return drawn;
  const passed = guard === undefined ? { picture: drawn.image, isHidden: false } : await guard.pass(drawn.image);
  if (passed === "cancelled") return passed;
  const isColoured = colours !== undefined && !passed.isHidden;
  return { ...drawn, image: isColoured ? await matchHistograms(passed.picture, colours) : passed.picture };
}

function isTiled(settings: PictureSettings): settings is TiledSettings {
  return settings.embiggen !== undefined;
}

type Loras = NonNullable<GenerationJob["loras"]>;

/** What is said of the prompt is said of the first tile alone. */
async function drawInTiles(
  settings: TiledSettings,
  enlarged: PaintablePicture,
  loras: Loras,
  options: DrawOptions,
): Promise<Generated | "cancelled"> {
  const { emit, picture, pictures, logTokens } = options;
  const { length } = tilesOf(settings, enlarged).tiles;
  const began = performance.now();
  const say = (text: string) => emit({ type: "text", text: pictures > 1 ? `${text} (picture ${picture} of ${pictures})` : text });
  const drawTile = (tile: PictureSettings, part: RgbPicture, done: number) => {
    const quiet: Emit = (event) => {
      if (done === 0 || event.type === "progress" || event.type === "preview") emit(event);
    };
    const among = { before: done, all: length, began };
    return drawWhole(tile, loras, { ...options, init: part, emit: quiet, logTokens: logTokens && done === 0 }, among);
  };
  return drawTiles(settings, enlarged, drawTile, say);
}

/** A picture among those of which a larger one is made. */
interface Among {
  readonly before: number;
  readonly all: number;
  /** `performance.now()` when the first one began. */
  readonly began: number;
}

async function drawWhole(settings: PictureSettings, loras: Loras, options: DrawOptions, among?: Among): Promise<Generated | "cancelled"> {
  const { engine, emit, picture, pictures, init, guard, previews, livePreviews = false, logTokens = false } = options;
  const { before, all, began } = among ?? { before: 0, all: 1, began: performance.now() };
  const tell = (step: number, steps: number) =>
    emit({ type: "progress", progress: { picture, pictures, step, steps, seconds: (performance.now() - began) / 1000 } });
  const own = stepsToRun(settings, init);
  tell(before * own, all * own);
  const job = { ...jobOf(settings, init, logTokens), ...(loras.length > 0 && { loras }) };
  let previewed = Promise.resolve();
  const show = async (preview: LatentPreview, onward: (shown: LatentPreview) => void) =>
    onward(guard === undefined ? preview : await guard.preview(preview));
  const drawn = await engine.generate(job, {
    onStep: (ownStep, steps, preview) => {
      const step = before * steps + ownStep;
      tell(step, all * steps);
      if (preview === undefined) return;
      const onward = (shown: LatentPreview) => {
        previews?.onPreview(step - 1, all * steps, shown);
        if (livePreviews) emit({ type: "preview", preview: shown });
      };
      previewed = previewed.then(() => show(preview, onward));
    },
    onNotice: (text) => emit({ type: "text", text: `>> ${text}` }),
    onTokens: (log) => emit({ type: "tokens", log }),
    // Those of a tile are chosen among the steps of all tiles.
    previewEvery: among === undefined || previews === undefined ? (previews?.every ?? 0) : 1,
    livePreviews,
  });
  await previewed;
  return drawn;
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
