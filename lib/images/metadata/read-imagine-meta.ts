import { isJsonObject } from "../../json-file.js";
import { foreignSampler } from "./foreign-samplers.js";
import { parseBoundedJson } from "./parse-bounded-json.js";
import { oneLine, type RecordedCommand } from "./recorded-command.js";
import { RecordedValues } from "./recorded-values.js";

/** Characters of a prompt. */
const MAX_PROMPT = 200_000;

/** What Imagine takes where the request says nothing, and what we take for it. */
const DEFAULTS = { width: 512, height: 512, steps: 25, guidance: 7, sampler: "dpm++ 2m" } as const;

/**
 * Reads the `meta` text of Imagine, a JSON object.
 *
 * @returns undefined when it is none, or has no prompt of a sensible length
 */
export function readImagineMeta(text: string): RecordedCommand | undefined {
  const meta = parseBoundedJson(text);
  if (!isJsonObject(meta) || typeof meta.prompt !== "string" || meta.prompt.length > MAX_PROMPT) return undefined;
  const recorded = new RecordedValues();
  recorded.number("steps", meta.steps ?? DEFAULTS.steps);
  recorded.number("width", meta.width ?? DEFAULTS.width);
  recorded.number("height", meta.height ?? DEFAULTS.height);
  recorded.number("cfgScale", meta.guidance ?? DEFAULTS.guidance);
  recorded.number("seed", lowBits(meta.seed));
  const sampler = String(meta.sampler ?? DEFAULTS.sampler);
  const found = foreignSampler(sampler);
  if (found) recorded.values.sampler = found.sampler;
  else recorded.noteSampler(sampler);
  if (sampler === "dpm++ sde") recorded.note("dpm++ sde draws no noise there; the picture will be another one");
  recorded.number("clipSkip", meta.clip);
  if (meta.hires !== undefined && meta.hires !== null) recorded.note("a second pass in higher resolution is not carried over");
  if (typeof meta.img === "string" && meta.img !== "") {
    recorded.number("strength", meta.strength);
    recorded.note("made from another picture, which is inside the file; save it and add it with -I");
  }
  recorded.note("the noise is the same only if the picture was made without a GPU; if not, try --rng cuda");
  return {
    dialect: "imagine",
    prompt: joinHalves(meta.prompt, meta.neg, recorded),
    values: recorded.values,
    notes: recorded.notes,
    modelId: typeof meta.model === "string" ? meta.model : undefined,
    postprocessing: [],
  };
}

/** Torch's CPU generator takes the low 32 bits of a seed, which is written as text because it may have 64. */
function lowBits(seed: unknown): unknown {
  const digits = typeof seed === "string" ? seed.trim() : seed;
  if (typeof digits !== "string" || !/^-?\d{1,20}$/.test(digits)) return digits;
  return Number(BigInt.asUintN(32, BigInt(digits)));
}

/** Brackets mean nothing there and hold the negative prompt here. */
function joinHalves(prompt: string, negative: unknown, recorded: RecordedValues): string {
  const halves = [prompt, typeof negative === "string" ? negative : ""].map(oneLine);
  if (halves.some((half) => /[[\]]/.test(half))) recorded.note("square brackets are left out, because here they hold the negative prompt");
  const [positive = "", unwanted = ""] = halves.map((half) => half.replace(/[[\]]/g, "").trim());
  return unwanted === "" ? positive : `${positive} [${unwanted}]`;
}
