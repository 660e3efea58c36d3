import type { Engine } from "../engine/engine.js";
import type { GenerationJob } from "../engine/protocol.js";
import { encodePng } from "../images/encode-png.js";
import { PictureNames } from "../images/file-names.js";
import { logPicture } from "../images/log.js";
import { type Maker, pictureMetadata } from "../images/metadata.js";
import { prepareOutputFolder } from "../images/output-folder.js";
import type { PictureSettings } from "../options/picture-settings.js";
import { printDream } from "../options/print-line.js";
import type { LineRequest } from "../options/resolve.js";
import { splitNegative } from "../prompt/negative.js";
import { freshSeed, nextSeed } from "../random/seeds.js";
import type { Emit } from "./events.js";

/** A picture on disk. */
export interface MadePicture {
  readonly path: string;
  readonly seed: number;
  readonly dream: string;
}

/** What came of one line; pictures finished before a failure or an interrupt are kept and listed. */
export interface MadePictures {
  readonly pictures: readonly MadePicture[];
  readonly interrupted: boolean;
  readonly failure?: unknown;
  /** Wall-clock seconds for all of it. */
  readonly seconds: number;
}

interface Surroundings {
  readonly engine: Engine;
  readonly maker: Maker;
  readonly emit: Emit;
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
}

/**
 * Makes, writes and logs the pictures of one line, one after the other. The first has the line's seed or a fresh one, each later one
 * the successor of the seed before, as in the reference.
 *
 * Never throws: whatever failed is in the result, beside what was finished before it.
 */
export async function makePictures(request: LineRequest, surroundings: Surroundings): Promise<MadePictures> {
  const { engine, maker, emit, stopped } = surroundings;
  const started = performance.now();
  const pictures: MadePicture[] = [];
  const result = (interrupted: boolean, failure?: unknown): MadePictures => ({
    pictures,
    interrupted,
    failure,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    await prepareOutputFolder(request.outdir);
    const names = new PictureNames(request.outdir);
    let seed = request.settings.seed ?? freshSeed();
    for (let picture = 1; picture <= request.iterations; picture++) {
      if (stopped()) return result(true);
      const settings: PictureSettings = { ...request.settings, seed };
      const watch = stepWatch(emit, picture, request.iterations, settings.steps);
      const generated = await engine.generate(jobOf(settings), {
        onStep: watch,
        onNotice: (text) => emit({ type: "text", text: `>> ${text}` }),
      });
      if (generated === "cancelled") return result(true);
      const dream = printDream(settings, maker.modelId);
      const png = await encodePng(generated.image, [
        { keyword: "Dream", text: dream },
        { keyword: "sd-metadata", text: pictureMetadata(settings, maker) },
      ]);
      const path = await names.write(seed, png);
      pictures.push({ path, seed, dream });
      await logPicture(request.outdir, path, dream);
      emit({ type: "picture", picture: { path, png } });
      seed = nextSeed(seed);
    }
    return result(false);
  } catch (failure) {
    return result(stopped(), failure);
  }
}

/** Turns the engine's step counts into progress events with the time since the picture began. */
function stepWatch(emit: Emit, picture: number, pictures: number, steps: number): (step: number, total: number) => void {
  const began = performance.now();
  const tell = (step: number, total: number) =>
    emit({ type: "progress", progress: { picture, pictures, step, steps: total, seconds: (performance.now() - began) / 1000 } });
  tell(0, steps);
  return tell;
}

function jobOf(settings: PictureSettings): GenerationJob {
  const { positive, negative } = splitNegative(settings.prompt.replace(/[\r\n]+/g, " "));
  return {
    prompt: positive,
    negativePrompt: negative,
    width: settings.width,
    height: settings.height,
    steps: settings.steps,
    cfgScale: settings.cfgScale,
    sampler: settings.sampler,
    seed: settings.seed,
    variations: settings.withVariations,
    karras: settings.karrasMax !== undefined && settings.steps < settings.karrasMax,
    rng: settings.rng,
    seamless: settings.seamlessAxes,
    clipSkip: 0,
  };
}
