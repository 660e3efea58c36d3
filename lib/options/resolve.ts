import { DreamError } from "../errors.js";
import { resolveSampler } from "../samplers/names.js";
import type { PictureSettings } from "./picture-settings.js";
import type { ParsedLine } from "./read.js";
import { type LaunchValues, type Range, SIZE_STEP, SWITCHES, type Switch } from "./table.js";

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
  readonly outdir: string;
  /** Sentences to show before the first picture. */
  readonly notices: readonly string[];
}

/**
 * Cascades line over launch over model over built-in values, and checks ranges.
 *
 * @throws DreamError usage/line or usage/size when a value is out of range
 */
export function resolveLine(line: ParsedLine, launch: LaunchValues, model: ModelDefaults): LineRequest {
  if (line.prompt.trim() === "") throw new DreamError("usage/line", "Try again with a prompt!");
  const notices: string[] = [];
  // 0 falls back for these, as in the reference: `-s0` means "the usual number".
  const steps = inRange("steps", line.steps || launch.steps || model.steps || fallback("steps"));
  const iterations = inRange("iterations", line.iterations || launch.iterations || fallback("iterations"));
  const cfgScale = line.cfgScale || launch.cfgScale || model.cfgScale || fallback("cfgScale");
  if (cfgScale <= 1) throw new DreamError("usage/line", "CFG_Scale (-C) must be >1.0");
  const asked = { width: line.width ?? launch.width ?? model.width, height: line.height ?? launch.height ?? model.height };
  const width = wholeTiles("width", asked.width);
  const height = wholeTiles("height", asked.height);
  if (width !== asked.width || height !== asked.height) {
    notices.push(`>> Provided width and height must be multiples of ${SIZE_STEP}. Auto-resizing to ${width}x${height}`);
  }
  const karrasMax = line.karrasMax ?? launch.karrasMax;
  const settings = {
    prompt: line.prompt,
    steps,
    seed: checkSeed(line.seed, notices),
    width,
    height,
    cfgScale,
    karrasMax: karrasMax === undefined ? undefined : inRange("karrasMax", karrasMax),
    sampler: resolveSampler(line.sampler ?? launch.sampler ?? model.sampler ?? "k_lms"),
    rng: line.rng ?? launch.rng ?? "cpu",
  } as const;
  return { settings, iterations, outdir: line.outdir || launch.outdir || DEFAULT_OUTDIR, notices };
}

/**
 * Checks the launch values that every line would inherit, so that a mistake shows at launch and not at the first line.
 *
 * @throws DreamError usage/launch
 */
export function checkLaunch(launch: LaunchValues): void {
  try {
    resolveLine({ prompt: "x" }, launch, { width: 512, height: 512 });
    if (launch.threads !== undefined) inRange("threads", launch.threads);
  } catch (error) {
    throw error instanceof DreamError ? new DreamError("usage/launch", error.message) : error;
  }
}

function row(key: string): Switch {
  return (SWITCHES as readonly Switch[]).find((candidate) => candidate.key === key) as Switch;
}

function fallback(key: "steps" | "iterations" | "cfgScale"): number {
  return row(key).fallback as number;
}

function inRange(key: string, value: number): number {
  const { names, range } = row(key);
  if (range && (value < range.min || value > range.max)) {
    throw new DreamError("usage/line", `${names.join("/")} must be between ${range.min} and ${range.max}, not ${value}`);
  }
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
  const { min, max } = row("seed").range as Range;
  if (seed === undefined || (seed >= min && seed <= max)) return seed;
  notices.push(`>> Seed ${seed} is outside ${min} … ${max}; using a random one`);
  return undefined;
}
