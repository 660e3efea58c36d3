import { A1111_NEGATIVE, convertA1111Halves } from "../../prompt/convert-a1111.js";
import { foreignSampler } from "./foreign-samplers.js";
import { readInfotextFields } from "./infotext-fields.js";
import { oneLine, type RecordedCommand, shorten, toNumber } from "./recorded-command.js";
import { RecordedValues } from "./recorded-values.js";

/** Characters of a whole text. */
const MAX_LENGTH = 200_000;
const SETTINGS_LINE = /^\s*Steps:\s*\d/;

/**
 * Reads the `parameters` text of AUTOMATIC1111's web interface and of the programs that imitate it: prompt lines, `Negative prompt:`
 * lines, and a last line of settings.
 *
 * @returns undefined when there is no line of settings, or the text is longer than any of its kind
 */
export function readParameters(text: string): RecordedCommand | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const lines = text.split("\n");
  const settingsAt = lines.findLastIndex((line) => SETTINGS_LINE.test(line));
  if (settingsAt < 0) return undefined;
  const fields = readInfotextFields((lines[settingsAt] as string).trim());
  const recorded = new RecordedValues();
  const prompt = readPrompt(lines.slice(0, settingsAt), recorded);
  readNumbers(fields, recorded);
  readSampler(fields, recorded);
  readNoise(fields, recorded);
  noteTheRest(fields, recorded);
  return {
    dialect: "parameters",
    prompt,
    values: recorded.values,
    notes: recorded.notes,
    modelId: fields.get("Model"),
    modelHash: fields.get("Model hash"),
    postprocessing: [],
  };
}

type Fields = ReadonlyMap<string, string>;

function readPrompt(lines: readonly string[], recorded: RecordedValues): string {
  const firstNegative = lines.findIndex((line) => line.startsWith(A1111_NEGATIVE));
  const positiveLines = firstNegative < 0 ? lines : lines.slice(0, firstNegative);
  const negativeLines = firstNegative < 0 ? [] : lines.slice(firstNegative);
  const negative = negativeLines.join("\n").slice(A1111_NEGATIVE.length);
  const { text, notes } = convertA1111Halves(oneLine(positiveLines.join("\n").trim()), oneLine(negative.trim()));
  for (const note of notes) recorded.note(note);
  return text;
}

function readNumbers(fields: Fields, recorded: RecordedValues): void {
  recorded.number("steps", fields.get("Steps"));
  recorded.number("cfgScale", fields.get("CFG scale"));
  recorded.number("seed", fields.get("Seed"));
  const size = /^(\d+)\s*x\s*(\d+)$/.exec(fields.get("Size") ?? "");
  recorded.number("width", size?.[1]);
  recorded.number("height", size?.[2]);
  recorded.flag("seamless", fields.get("Tiling") === "True");
}

function readSampler(fields: Fields, recorded: RecordedValues): void {
  const name = fields.get("Sampler");
  if (name === undefined) return;
  const schedule = fields.get("Schedule type") ?? "Automatic";
  const found = foreignSampler(name);
  if (found) recorded.values.sampler = found.sampler;
  else recorded.noteSampler(name);
  const steps = recorded.values.steps;
  if ((found?.karras || schedule === "Karras") && typeof steps === "number") recorded.number("karrasMax", steps + 1);
  else if (!["Automatic", "Uniform", "Karras"].includes(schedule)) recorded.note(`there is no schedule "${shorten(schedule)}" here`);
}

/** The web interface draws on the GPU unless it says otherwise; "NV" is the same noise, computed on the processor. */
function readNoise(fields: Fields, recorded: RecordedValues): void {
  const source = fields.get("RNG") ?? "GPU";
  if (/^(GPU|NV|cuda)$/i.test(source)) recorded.values.rng = "cuda";
  else if (!/^cpu$/i.test(source)) recorded.note(`the noise of "${shorten(source)}" does not exist here; the picture will be another one`);
  const seed = toNumber(fields.get("Variation seed"));
  const weight = toNumber(fields.get("Variation seed strength"));
  if (seed === undefined || weight === undefined || weight === 0) return;
  recorded.variations([{ seed, weight }]);
  recorded.note("variations are mixed in another way there (row by row); the picture will be a little different");
}

/** Settings that change pixels and have no switch here. */
function noteTheRest(fields: Fields, recorded: RecordedValues): void {
  const upscale = fields.get("Hires upscale");
  const denoising = fields.get("Denoising strength");
  if (upscale !== undefined) recorded.note(`a second pass at ${shorten(upscale)} times the size is not carried over`);
  else recorded.number("strength", denoising);
  recorded.number("clipSkip", fields.get("Clip skip"));
  const { clipSkip = 1 } = recorded.values;
  if (clipSkip > 1) recorded.note(`clip skip ${clipSkip} also holds for the negative prompt there`);
  const isAncestral = String(recorded.values.sampler).endsWith("_a");
  if (isAncestral && (toNumber(fields.get("ENSD")) ?? 0) !== 0)
    recorded.note("the noise of the later steps has a seed of its own there (ENSD)");
  for (const name of ["VAE", "Face restoration", "Seed resize from", "Hypernet", "Refiner", "Eta"]) {
    const value = fields.get(name);
    if (value !== undefined) recorded.note(`${name} "${shorten(value)}" is not carried over`);
  }
}
