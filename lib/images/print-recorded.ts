import type { PictureSettings } from "../options/picture-settings.js";
import { printLine } from "../options/print-line.js";
import { formatPythonFloat } from "../options/python-values.js";
import { type Switch, switchesAt } from "../options/table.js";
import type { RecordedCommand, RecordedValue } from "./recorded-command.js";

/** What the programs of this family took where nobody said anything. */
const BUILT_IN = { steps: 50, width: 512, height: 512, cfgScale: 7.5, sampler: "k_lms", rng: "cpu" } as const;

/**
 * Writes what a picture says about itself as a line for our prompt: the prompt in quotes, switches with blanks, everything that its
 * program took for granted spelled out, and the model as a comment.
 */
export function printRecorded(recorded: RecordedCommand): string {
  const { verb, prompt, values, modelId } = recorded;
  const comment = modelId === undefined ? [] : [`# model_id=${modelId}`];
  if (verb !== undefined) return [`${verb} ${quote(prompt)}`, ...printSwitches(values), ...comment].join(" ");
  const { settings, others } = pictureSettings(recorded);
  return [printLine(settings), ...printSwitches(others), ...comment].join(" ");
}

/** The settings of the picture, completed with what its program took for granted, and the values that are none of them. */
export function pictureSettings(recorded: RecordedCommand): { settings: PictureSettings; others: RecordedCommand["values"] } {
  const { steps, seed, width, height, cfgScale, karrasMax, sampler, rng, withVariations, seamless, seamlessAxes, ...others } =
    recorded.values;
  // The readers took each value by its row of the table, where the compiler cannot follow.
  const given = { steps, seed, width, height, cfgScale, karrasMax, sampler, rng } as Partial<PictureSettings>;
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const axes = seamlessAxes ?? (seamless === true ? "xy" : "");
  return {
    settings: {
      ...BUILT_IN,
      ...(known as Pick<PictureSettings, "seed">),
      prompt: recorded.prompt,
      withVariations: withVariations ?? [],
      seamlessAxes: axes,
    } as PictureSettings,
    others,
  };
}

function printSwitches(values: RecordedCommand["values"]): string[] {
  return switchesAt("line").flatMap((row) => {
    const value = values[row.key];
    if (value === undefined || value === false) return [];
    return value === true ? [row.names[0]] : [`${row.names[0]} ${printValue(row, value)}`];
  });
}

function printValue(row: Switch, value: RecordedValue): string {
  if (Array.isArray(value)) return value.map((one: string | number) => printValue(row, one)).join(" ");
  if (typeof value !== "number") return /^[\w./:+,][\w./:+,-]*$/.test(String(value)) ? String(value) : quote(String(value));
  return row.type.startsWith("float") ? formatPythonFloat(value) : String(value);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
