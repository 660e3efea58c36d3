import { FACE_TOOLS } from "../../models/face-tools.js";
import { sharpens } from "../../options/embiggen.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import type { LineRequest } from "../../options/resolve.js";
import { readTextMask } from "../../options/text-mask.js";
import { splitNegative } from "../../prompt/negative.js";
import { normalizeWeights, splitWeights } from "../../prompt/split-weights.js";
import { RUNTIMES } from "../../version.js";

/** Who made a picture, for its metadata. */
export interface Maker {
  readonly appId: string;
  readonly appVersion: string;
  readonly modelId: string;
  /** Hex sha256 of the weights or "NOHASH". */
  readonly modelHash: string;
  /** What -U and Embiggen enlarged with. */
  readonly upscaler?: string;
  /** What -G restored faces with: the restorer and the detector. */
  readonly faces?: string;
}

/** What changed a picture after it was drawn. */
type Tools = Pick<Maker, "upscaler" | "faces">;

/**
 * The `sd-metadata` text as InvokeAI 2.3 writes it, with what it forgot (`seamless`, `init_img`) and what it did not know (`rng`,
 * `karras_max`, `fit`, `versions`): without them the picture could not be made again.
 *
 * @param initHash hex sha256 of the initial picture's file
 */
export function pictureMetadata(settings: PictureSettings, maker: Maker, initHash?: string): string {
  return JSON.stringify({ ...header(maker), image: imageEntry(settings, initHash, maker) });
}

/**
 * The same for a grid or contact sheet, with one entry for each cell.
 *
 * @param pictures in the order of the cells
 * @param command the line that makes the whole sheet again
 * @param initHash hex sha256 of the initial picture's file; all cells have the same one
 */
export function gridMetadata(pictures: readonly PictureSettings[], maker: Maker, command: string, initHash?: string): string {
  return JSON.stringify({ ...header(maker), command, images: pictures.map((settings) => imageEntry(settings, initHash, maker)) });
}

function header(maker: Maker): object {
  return {
    model: "stable diffusion",
    model_id: maker.modelId,
    model_hash: maker.modelHash,
    app_id: maker.appId,
    app_version: maker.appVersion,
    versions: RUNTIMES,
  };
}

/** One picture's entry; a seed or hash that nobody knows is left out. */
export function imageEntry(settings: LineRequest["settings"], initHash?: string, tools: Tools = {}): Readonly<Record<string, unknown>> {
  return {
    type: settings.initImg === undefined ? "txt2img" : "img2img",
    ...promptFields(settings.prompt),
    steps: settings.steps,
    cfg_scale: settings.cfgScale,
    threshold: settings.threshold ?? 0,
    perlin: settings.perlin ?? 0,
    width: settings.width,
    height: settings.height,
    seed: settings.seed,
    sampler: settings.sampler,
    hires_fix: settings.hiresFix ?? false,
    seamless: settings.seamlessAxes !== "",
    seamless_axes: settings.seamlessAxes === "" ? null : settings.seamlessAxes,
    variations: settings.withVariations,
    postprocessing: null,
    init_mask: null,
    upscale: settings.upscale ?? null,
    ...(settings.embiggen === undefined ? {} : { embiggen: settings.embiggen, embiggen_tiles: settings.embiggenTiles }),
    ...(usesUpscaler(settings) && tools.upscaler !== undefined ? { upscaler: tools.upscaler } : {}),
    ...faceFields(settings, tools),
    h_symmetry_time_pct: settings.hSymmetryTimePct ?? null,
    v_symmetry_time_pct: settings.vSymmetryTimePct ?? null,
    rng: settings.rng,
    karras_max: settings.karrasMax ?? null,
    ...(settings.initColor === undefined ? {} : { init_color: settings.initColor }),
    ...promptReadingFields(settings),
    ...initFields(settings, initHash),
  };
}

/** The reference writes the first two always. */
function faceFields({ facetool, facetoolStrength, codeformerFidelity }: LineRequest["settings"], { faces }: Tools): object {
  if (facetool === undefined) return { facetool: FACE_TOOLS[0], facetool_strength: 0 };
  return {
    facetool,
    facetool_strength: facetoolStrength,
    codeformer_fidelity: codeformerFidelity,
    face_restorer: faces,
  };
}

function usesUpscaler({ upscale, embiggen }: LineRequest["settings"]): boolean {
  return upscale !== undefined || (embiggen !== undefined && sharpens(embiggen));
}

/** How the prompt was read, where that is not as usual. */
function promptReadingFields({ skipNormalize, longPrompts, clipSkip }: LineRequest["settings"]): object {
  return { skip_normalize: skipNormalize, long_prompts: longPrompts, clip_skip: clipSkip };
}

/** What a picture says about the one that it was begun with; `strength_steps` is the reference's name for the strength. */
function initFields(settings: LineRequest["settings"], initHash: string | undefined): object {
  const { initImg, fit, strength, hiresFix, initMask = null, inpaintReplace = 0 } = settings;
  if (hiresFix) return { strength_steps: strength };
  if (initImg === undefined) return {};
  return {
    strength_steps: strength,
    orig_hash: initHash,
    init_mask: initMask,
    inpaint_replace: inpaintReplace,
    init_img: initImg,
    fit,
    text_mask: settings.textMask && Object.values(readTextMask(settings.textMask)),
    invert_mask: settings.invertMask,
    force_outpaint: settings.forceOutpaint,
    infill_method: settings.infillMethod,
    tile_size: settings.tileSize,
    seam_size: settings.seamSize,
    seam_blur: settings.seamBlur,
    seam_strength: settings.seamStrength,
    seam_steps: settings.seamSteps,
  };
}

/**
 * A mixture (`a cat:2 dog:1`) is listed part by part with weights that add up to 1, as the reference does; the negative part goes with
 * the last one. The text as it was typed stands beside it, for the weights alone would not give it back.
 */
function promptFields(prompt: string): object {
  const { positive, negative } = splitNegative(prompt);
  const parts = normalizeWeights(splitWeights(positive));
  if (parts.length < 2) return { prompt: [{ prompt, weight: 1 }] };
  const last = parts.length - 1;
  const items = parts.map(({ text, weight }, i) => ({ prompt: i === last && negative !== "" ? `${text} [${negative}]` : text, weight }));
  return { prompt: items, prompt_text: prompt };
}
