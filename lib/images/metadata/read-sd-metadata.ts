import { isJsonObject, type JsonObject } from "../../json-file.js";
import { joinWeights } from "../../prompt/split-weights.js";
import { nextSeed } from "../../random/seeds.js";
import { APP } from "../../version.js";
import { parseBoundedJson } from "./parse-bounded-json.js";
import { readVariations } from "./read-variations.js";
import { oneLine, type PostprocessingStep, type RecordedCommand, toNumber, UNKNOWN_NOISE } from "./recorded-command.js";
import { RecordedValues } from "./recorded-values.js";

/** More entries of a list are not looked at. */
const MAX_ENTRIES = 1000;
/** Characters of a line that is taken over as it stands. */
const MAX_COMMAND = 20_000;

/**
 * Reads the `sd-metadata` text of the lstein and invoke-ai programs of every age and of this one.
 *
 * @returns undefined when it is no JSON of that shape, or tells neither prompt nor seed
 */
export function readSdMetadata(text: string): RecordedCommand | undefined {
  const json = parseBoundedJson(text);
  if (!isJsonObject(json)) return undefined;
  const images = imagesOf(json);
  const [image] = images;
  if (image === undefined || (image.prompt === undefined && image.seed === undefined)) return undefined;
  const recorded = readImage(image);
  const command = commandOf(json);
  if (images.length > 1 && command === undefined) readGrid(images, recorded);
  if (json.app_id !== APP.id && image.rng === undefined) {
    recorded.note(UNKNOWN_NOISE);
  }
  return {
    dialect: "sd-metadata",
    prompt: oneLine(promptOf(image)),
    values: recorded.values,
    notes: recorded.notes,
    command,
    modelId: [json.model_id, json.model_weights].find((name) => typeof name === "string"),
    modelHash: typeof json.model_hash === "string" && json.model_hash !== "NOHASH" ? json.model_hash : undefined,
    postprocessing: readPostprocessing(image.postprocessing),
  };
}

/** The whole line of a grid or contact sheet of ours, whose cells alone would not give it back; a prompt line and nothing else. */
function commandOf({ app_id: program, command, images }: JsonObject): string | undefined {
  if (program !== APP.id || !Array.isArray(images) || typeof command !== "string" || command.length > MAX_COMMAND) return undefined;
  const line = oneLine(command);
  return /^(?:!|#|\/\/|q$)/.test(line) ? undefined : line;
}

/** The picture's entry; for a grid one for each cell. */
export function imagesOf(json: JsonObject): readonly JsonObject[] {
  const listed = Array.isArray(json.images) ? json.images.slice(0, MAX_ENTRIES) : [json.image];
  return listed.filter(isJsonObject);
}

/** A list of texts with weights, or a plain text. A mixture that we wrote keeps the text as it was typed beside it. */
function promptOf({ prompt, prompt_text: typed }: JsonObject): string {
  if (typeof typed === "string") return typed;
  if (typeof prompt === "string") return prompt;
  const items = (Array.isArray(prompt) ? prompt.slice(0, MAX_ENTRIES) : []).flatMap((item: unknown) => {
    if (typeof item === "string") return [{ text: item, weight: 1 }];
    if (!isJsonObject(item) || typeof item.prompt !== "string") return [];
    return [{ text: item.prompt, weight: toNumber(item.weight) ?? 1 }];
  });
  return items.length === 1 ? (items[0]?.text ?? "") : joinWeights(items);
}

function readImage(image: JsonObject): RecordedValues {
  const recorded = new RecordedValues();
  recorded.number("steps", image.steps);
  recorded.number("seed", image.seed);
  recorded.number("width", image.width);
  recorded.number("height", image.height);
  recorded.number("cfgScale", image.cfg_scale);
  recorded.number("karrasMax", image.karras_max);
  recorded.variations(readVariations(image.variations));
  const sampler = image.sampler ?? image.sampler_name;
  if (typeof sampler === "string") recorded.sampler(sampler);
  readSeamless(image, recorded);
  readSource(image, recorded);
  readExtras(image, recorded);
  recorded.flag("skipNormalize", image.skip_normalize);
  recorded.flag("longPrompts", image.long_prompts);
  recorded.number("clipSkip", image.clip_skip);
  if (image.rng === "cpu" || image.rng === "cuda") recorded.values.rng = image.rng;
  return recorded;
}

/** A text and a threshold; more are words of a text. */
const MOST_MASK_WORDS = 100;

function oneWord(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Where the picture began, for one that was made from another. */
function readSource(image: JsonObject, recorded: RecordedValues): void {
  recorded.text("initImg", image.init_img ?? image.init_image_path);
  recorded.text("initMask", image.init_mask);
  if (Array.isArray(image.text_mask)) recorded.textMask(image.text_mask.slice(0, MOST_MASK_WORDS).map(oneWord));
  recorded.text("initColor", image.init_color);
  recorded.flag("fit", image.fit);
  recorded.flag("invertMask", image.invert_mask);
  recorded.flag("forceOutpaint", image.force_outpaint);
  recorded.choice("infillMethod", image.infill_method);
  recorded.number("tileSize", image.tile_size);
  recorded.number("seamSize", image.seam_size);
  recorded.number("seamBlur", image.seam_blur);
  recorded.number("seamStrength", image.seam_strength);
  recorded.number("seamSteps", image.seam_steps);
  if (image.type !== "img2img" && image.type !== "inpaint" && image.hires_fix !== true) return;
  recorded.number("strength", image.strength ?? image.strength_steps);
  if (aboveZero(image.inpaint_replace)) recorded.number("inpaintReplace", image.inpaint_replace);
}

/** Switches that are recorded also when they are off: a zero says nothing. */
function readExtras(image: JsonObject, recorded: RecordedValues): void {
  if (aboveZero(image.perlin)) recorded.number("perlin", image.perlin);
  if (aboveZero(image.threshold)) recorded.number("threshold", image.threshold);
  recorded.flag("hiresFix", image.hires_fix);
  recorded.number("hSymmetryTimePct", image.h_symmetry_time_pct);
  recorded.number("vSymmetryTimePct", image.v_symmetry_time_pct);
  const listed: readonly unknown[] = Array.isArray(image.upscale) ? image.upscale.slice(0, 2) : [];
  const upscale = listed.flatMap((value) => toNumber(value) ?? []).filter((value) => value > 0);
  if (upscale.length > 0) recorded.values.upscale = upscale;
  recorded.numbers("embiggen", image.embiggen, 3);
  recorded.numbers("embiggenTiles", image.embiggen_tiles, MAX_ENTRIES);
  if (!aboveZero(image.facetool_strength)) return;
  recorded.number("facetoolStrength", image.facetool_strength);
  recorded.text("facetool", image.facetool);
  if (image.facetool === "codeformer") recorded.number("codeformerFidelity", image.codeformer_fidelity);
}

function aboveZero(value: unknown): boolean {
  return (toNumber(value) ?? 0) > 0;
}

function readSeamless(image: JsonObject, recorded: RecordedValues): void {
  const listed: unknown = Array.isArray(image.seamless_axes) ? image.seamless_axes.slice(0, 2).join("") : image.seamless_axes;
  const axes = typeof listed === "string" ? ["x", "y"].filter((axis) => listed.includes(axis)).join("") : "";
  recorded.flag("seamless", image.seamless === true || axes !== "");
  if (axes === "x" || axes === "y") recorded.text("seamlessAxes", axes);
}

/** A grid comes back as the series that made it, when it was one. */
function readGrid(images: readonly JsonObject[], recorded: RecordedValues): void {
  const seeds = images.map(({ seed }) => toNumber(seed) ?? -1);
  recorded.flag("grid", true);
  recorded.number("iterations", seeds.length);
  noteBrokenSeries(seeds, recorded);
}

/** Says so when seeds do not follow one another as those of one command do. */
export function noteBrokenSeries(seeds: readonly number[], recorded: RecordedValues): void {
  const follows = seeds.every((seed, i) => seed >= 0 && (i === 0 || seed === nextSeed(seeds[i - 1] as number)));
  if (!follows) recorded.note("the seeds of the grid do not follow one another; only its first picture comes back");
}

function readPostprocessing(chain: unknown): PostprocessingStep[] {
  if (!Array.isArray(chain)) return [];
  const steps = chain.slice(0, MAX_ENTRIES).filter(isJsonObject);
  return steps.map(({ tool, type, dream_command: command, method }) => ({
    tool: oneLine(typeof tool === "string" ? tool : typeof type === "string" ? type : "unknown"),
    dreamCommand: typeof command === "string" ? oneLine(command) : "",
    ...(typeof method === "string" ? { method: oneLine(method) } : {}),
  }));
}
