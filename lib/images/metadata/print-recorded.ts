import { resolveNoiseAndSteps } from "../../options/noise-and-steps.js";
import { regionOf, withoutRegion } from "../../options/painted-region.js";
import { printLine } from "../../options/print-line.js";
import { resolvePromptReading } from "../../options/prompt-reading.js";
import { formatPythonFloat } from "../../options/python-values.js";
import type { ParsedLine } from "../../options/read.js";
import type { LineRequest } from "../../options/resolve.js";
import { type LineValues, type Switch, switchesAt, USUAL_STRENGTH } from "../../options/table.js";
import { parseVariations } from "../../options/variations.js";
import type { RecordedCommand } from "./recorded-command.js";

/** What the programs of this family took where nobody said anything. */
const BUILT_IN = { steps: 50, width: 512, height: 512, cfgScale: 7.5, sampler: "k_lms", rng: "cpu", strength: USUAL_STRENGTH } as const;

/**
 * Writes what a picture says about itself as a line for our prompt: the prompt in quotes, switches with blanks, everything that its
 * program took for granted spelled out, and the model as a comment.
 */
export function printRecorded(recorded: RecordedCommand): string {
  const { verb, prompt, values, modelId } = recorded;
  const comment = modelId === undefined ? [] : [`# model_id=${modelId}`];
  if (verb !== undefined) return [`${verb} ${quote(prompt)}`, ...printSwitches(values), ...comment].join(" ");
  const { settings, series, others } = separate(recorded);
  return [printLine(settings, series), ...printSwitches(others), ...comment].join(" ");
}

/** The settings of the picture, completed with what its program took for granted; the seed may be unknown. */
export function recordedSettings(recorded: RecordedCommand): LineRequest["settings"] {
  return separate(recorded).settings;
}

/** What reading the line gives, without reading it: every value spelled out, the prompt as the model gets it. */
export function recordedLine(recorded: RecordedCommand): ParsedLine {
  const { prompt, values, verb } = recorded;
  if (verb !== undefined) return { ...values, prompt };
  const { steps, width, height, cfgScale } = recordedSettings(recorded);
  return {
    ...values,
    prompt,
    steps,
    width,
    height,
    cfgScale,
    sampler: values.sampler ?? BUILT_IN.sampler,
    rng: values.rng ?? BUILT_IN.rng,
  };
}

function separate({ prompt, values }: RecordedCommand) {
  const { steps, seed, width, height, cfgScale, karrasMax, sampler, rng, withVariations, seamless, seamlessAxes, ...rest } = values;
  const { grid, iterations, variationAmount, skipNormalize, longPrompts, clipSkip, ...later } = rest;
  const { perlin, threshold, hSymmetryTimePct, vSymmetryTimePct, hiresFix, initColor, ...more } = later;
  const { initImg, fit, strength, ...others } = more;
  const settings: LineRequest["settings"] = {
    prompt,
    steps: steps ?? BUILT_IN.steps,
    seed,
    width: width ?? BUILT_IN.width,
    height: height ?? BUILT_IN.height,
    cfgScale: cfgScale ?? BUILT_IN.cfgScale,
    karrasMax,
    sampler: sampler ?? BUILT_IN.sampler,
    rng: rng ?? BUILT_IN.rng,
    withVariations: parseVariations(withVariations ?? ""),
    ...resolvePromptReading({ skipNormalize, longPrompts, clipSkip }),
    seamlessAxes: seamlessAxes === "x" || seamlessAxes === "y" ? seamlessAxes : seamless || seamlessAxes ? "xy" : "",
    initColor,
    ...resolveNoiseAndSteps({ perlin, threshold, hSymmetryTimePct, vSymmetryTimePct }),
    ...(initImg === undefined ? {} : { initImg, fit: fit ?? false, strength: strength ?? BUILT_IN.strength, ...regionOf(values) }),
    ...(hiresFix ? { hiresFix, strength: strength ?? BUILT_IN.strength } : {}),
  };
  // A strength without a picture is all that some programs recorded.
  return {
    settings,
    series: { grid, iterations, variationAmount },
    others: initImg === undefined && !hiresFix ? more : withoutRegion(others),
  };
}

/** Switches that no picture of ours needs, in the order of the table. */
function printSwitches(values: LineValues): string[] {
  const byKey: Readonly<Record<string, LineValues[keyof LineValues]>> = values;
  return switchesAt("line").flatMap((row) => {
    const value = byKey[row.key];
    if (value === undefined || value === false) return [];
    if (value === true) return [row.names[0]];
    const printed = [value].flat().map((one) => printValue(row, one));
    // A text that begins with a dash would be taken for a switch.
    const glue = typeof value === "string" && value.startsWith("-") ? "=" : " ";
    return [`${row.names[0]}${glue}${printed.join(" ")}`];
  });
}

function printValue(row: Switch, value: string | number | boolean): string {
  if (typeof value !== "number") return /^[\w./:+,][\w./:+,-]*$/.test(String(value)) ? String(value) : quote(String(value));
  return row.type === "float" || row.type === "floats" ? formatPythonFloat(value) : String(value);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
