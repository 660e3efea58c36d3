import { DreamError } from "../errors.js";
import { resolveSampler } from "../samplers/names.js";
import { checkAvailable, switchNotices } from "./available.js";
import { checkRange, checkValues } from "./check-values.js";
import { withEmbiggen } from "./embiggen.js";
import { resolveFaces } from "./faces.js";
import { resolveInitialPicture } from "./initial-picture.js";
import { resolveNoiseAndSteps } from "./noise-and-steps.js";
import type { PictureSettings, SeamlessAxes } from "./picture-settings.js";
import { resolvePromptReading } from "./prompt-reading.js";
import type { ParsedLine } from "./read.js";
import { type LaunchValues, type Range, SIZE_STEP, SWITCHES, type Switch } from "./table.js";
import { resolveUpscale } from "./upscale.js";
import { parseVariations, type Variation } from "./variations.js";

/** Where pictures go when nobody says otherwise, below the working directory. */
export const DEFAULT_OUTDIR = row("outdir").fallback as string;

/** What the loaded model prefers: its registry entry's values and its native size. */
export interface ModelDefaults {
  readonly width: number;
  readonly height: number;
  readonly steps?: number;
  readonly sampler?: string;
  readonly cfgScale?: number;
}

/** A line ready to run. */
export interface LineRequest {
  /** The seed is the first picture's; absent means a fresh one. Negative seeds were resolved before. */
  readonly settings: Omit<PictureSettings, "seed"> & { readonly seed?: number };
  readonly iterations: number;
  /** Share of other noise in every picture, 0 … 1; 0 makes no variations. */
  readonly variationAmount: number;
  /** Seed of the first variation; absent means a fresh one. */
  readonly variationSeed?: number;
  /** One file for all pictures. */
  readonly grid: boolean;
  readonly outdir: string;
  /** A folder for every prompt inside `outdir`. */
  readonly promptAsDir: boolean;
  /** Python format string for file names; absent: the usual ones. */
  readonly fnformat?: string;
  /** 0 … 9. */
  readonly pngCompression: number;
  /** Keep a preview of every so many steps; 0 keeps none. */
  readonly saveIntermediates: number;
  /** Tell the prompt's tokens. */
  readonly logTokens: boolean;
  /** Keep the picture as it was before it was enlarged or its faces restored, too. */
  readonly saveOriginal: boolean;
  /** Sentences to show before the first picture. */
  readonly notices: readonly string[];
}

/**
 * Cascades line over launch over model over built-in values, and checks ranges.
 *
 * @throws DreamError usage/line or usage/size when a value is out of range, usage/not-available when a switch asks for something that is
 *   not there yet
 */
export function resolveLine(line: ParsedLine, launch: LaunchValues, model: ModelDefaults): LineRequest {
  if (line.prompt.trim() === "" && !line.initImg) throw new DreamError("usage/line", "Try again with a prompt!");
  checkValues(line);
  if ((line.embiggen || line.embiggenTiles) && !line.initImg) {
    throw new DreamError("usage/line", "Embiggen requires an init/input image to be specified");
  }
  const notices = switchNotices(line, "line").map((sentence) => `>> ${sentence}`);
  const series = resolveSeries(line, launch);
  // 0 falls back for these, as in the reference: `-s0` means "the usual number".
  const steps = inRange("steps", line.steps || launch.steps || model.steps || number("steps"));
  const cfgScale = line.cfgScale || launch.cfgScale || model.cfgScale || number("cfgScale");
  if (cfgScale <= 1) throw new DreamError("usage/line", "CFG_Scale (-C) must be >1.0");
  const asked = { width: line.width ?? launch.width ?? model.width, height: line.height ?? launch.height ?? model.height };
  const width = wholeTiles("width", asked.width);
  const height = wholeTiles("height", asked.height);
  if (width !== asked.width || height !== asked.height) {
    notices.push(`>> Provided width and height must be multiples of ${SIZE_STEP}. Auto-resizing to ${width}x${height}`);
  }
  const karrasMax = line.karrasMax ?? launch.karrasMax;
  const whole = {
    prompt: line.prompt,
    steps,
    seed: checkSeed(line.seed, notices),
    width,
    height,
    cfgScale,
    karrasMax: karrasMax === undefined ? undefined : inRange("karrasMax", karrasMax),
    seamlessAxes: resolveAxes(line, launch),
    sampler: resolveSampler(line.sampler ?? launch.sampler ?? model.sampler ?? "k_lms"),
    rng: line.rng ?? launch.rng ?? "cpu",
    withVariations: series.withVariations,
    ...resolvePromptReading(line),
    ...resolveInitialPicture(line, launch, notices),
    ...resolveNoiseAndSteps(line),
    initColor: line.initColor || undefined,
    ...resolveUpscale(line, notices),
    ...resolveFaces(line),
  } as const;
  checkAvailable(line, "line");
  return {
    settings: withEmbiggen(line, launch, whole, notices),
    iterations: series.iterations,
    variationAmount: series.variationAmount,
    variationSeed: line.variationSeed === undefined ? undefined : inRange("variationSeed", line.variationSeed),
    grid: line.individual ? false : (line.grid ?? launch.grid ?? false),
    outdir: line.outdir || launch.outdir || DEFAULT_OUTDIR,
    promptAsDir: launch.promptAsDir ?? false,
    fnformat: line.fnformat || launch.fnformat || undefined,
    pngCompression: line.pngCompression ?? launch.pngCompression ?? number("pngCompression"),
    logTokens: line.logTokenization ?? launch.logTokenization ?? false,
    saveIntermediates: line.saveIntermediates ?? number("saveIntermediates"),
    saveOriginal: line.saveOriginal ?? false,
    notices,
  };
}

interface Series {
  readonly iterations: number;
  readonly variationAmount: number;
  readonly withVariations: readonly Variation[];
}

function resolveSeries(line: ParsedLine, launch: LaunchValues): Series {
  const withVariations = parseVariations(line.withVariations ?? "");
  const variationAmount = line.variationAmount ?? number("variationAmount");
  const exact = withVariations.length > 0 && variationAmount === 0;
  // A line that fixes its noise makes one picture, whatever number was given at launch.
  const iterations = inRange("iterations", line.iterations || (exact ? 0 : launch.iterations) || number("iterations"));
  if (withVariations.length > 0 && (line.seed === undefined || line.seed > seedRange().max)) {
    throw new DreamError("usage/line", "seed must be specified when using with_variations");
  }
  if (exact && iterations > 1) {
    const sentence = "when using --with_variations, multiple iterations are only possible when using --variation_amount";
    throw new DreamError("usage/line", sentence);
  }
  return { iterations, variationAmount, withVariations };
}

/** Naming axes asks for tiling; the reference ignored them without `--seamless`. */
function resolveAxes(line: ParsedLine, launch: LaunchValues): SeamlessAxes {
  const { seamlessAxes } = line;
  const letters = new Set(seamlessAxes?.replaceAll(",", ""));
  if (seamlessAxes !== undefined && (letters.size === 0 || ![...letters].every((letter) => letter === "x" || letter === "y"))) {
    throw new DreamError("usage/line", `--seamless_axes must be x, y or xy, not "${seamlessAxes.slice(0, 100)}"`);
  }
  const wanted = line.seamless ?? (seamlessAxes !== undefined || launch.seamless);
  if (!wanted) return "";
  return letters.size === 1 ? ([...letters][0] as "x" | "y") : "xy";
}

function row(key: string): Switch {
  return (SWITCHES as readonly Switch[]).find((candidate) => candidate.key === key) as Switch;
}

function number(key: "steps" | "iterations" | "cfgScale" | "variationAmount" | "pngCompression" | "saveIntermediates"): number {
  return row(key).fallback as number;
}

function seedRange(): Range {
  return row("seed").range as Range;
}

function inRange(key: string, value: number): number {
  checkRange(row(key), value);
  return value;
}

function wholeTiles(key: "width" | "height", pixels: number): number {
  const name = key === "width" ? "Width (-W)" : "Height (-H)";
  const { min, max } = row(key).range as Range;
  if (pixels < min) throw new DreamError("usage/size", `${name} must be at least ${min} pixels, not ${pixels}`);
  if (pixels > max) throw new DreamError("usage/size", `${name} must be at most ${max} pixels, not ${pixels}`);
  return pixels - (pixels % SIZE_STEP);
}

function checkSeed(seed: number | undefined, notices: string[]): number | undefined {
  const { min, max } = seedRange();
  if (seed === undefined || (seed >= min && seed <= max)) return seed;
  notices.push(`>> Seed ${seed} is outside ${min} … ${max}; using a random one`);
  return undefined;
}
