import { escapeGroups } from "./brace-groups.js";
import type { PictureSettings } from "./picture-settings.js";
import { formatPythonFloat } from "./python-values.js";
import { SWITCHES, type Switch } from "./table.js";
import { printVariations } from "./variations.js";

/** What a line says about a series beyond its first picture. */
export interface SeriesSettings {
  readonly grid?: boolean;
  readonly iterations?: number;
  readonly variationAmount?: number;
  readonly variationSeed?: number;
}

/** Settings of a line; without a seed it is left open. */
export type LineSettings = Omit<PictureSettings, "seed"> & { readonly seed?: number };

/**
 * The dream string: the line that makes this picture again, `"a cat" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms`.
 *
 * The prompt is quoted, as dream.py did, because an unquoted prompt with ` -word` in it cannot be read back. Braces that `expandSweeps`
 * would take for a group are escaped.
 */
export function printLine(settings: LineSettings, series: SeriesSettings = {}): string {
  const switches = recordedSwitches(settings, series).map(({ text }) => text);
  return [printPrompt(settings.prompt), ...switches].join(" ");
}

/** The prompt in quotes, as a line begins with it. */
export function printPrompt(prompt: string): string {
  return escapeGroups(quote(prompt, true));
}

/** The switches that make this picture again with their rows, in the order of the table. */
export function recordedSwitches(settings: LineSettings, series: SeriesSettings = {}): { readonly row: Switch; readonly text: string }[] {
  const { seamlessAxes, withVariations } = settings;
  const values: { readonly [key: string]: unknown } = {
    ...settings,
    ...series,
    seamless: seamlessAxes !== "",
    seamlessAxes: seamlessAxes.length === 1 ? seamlessAxes : undefined,
    withVariations: withVariations.length === 0 ? undefined : printVariations(withVariations),
  };
  return (SWITCHES as readonly Switch[]).flatMap((row) => {
    const value = values[row.key];
    const wanted = row.record === "always" || (row.record === "given" && value !== row.fallback);
    return wanted && value !== undefined && value !== false ? [{ row, text: printSwitch(row, value) }] : [];
  });
}

/** The dream string as it goes into the picture and the logs, with the model's name as a comment. */
export function printDream(settings: PictureSettings, modelId: string): string {
  return `${printLine(settings)} # model_id=${modelId}`;
}

/** The line that makes all pictures of a grid again. */
export function printGridLine(settings: LineSettings, modelId: string, count: number, series: SeriesSettings = {}): string {
  return `${printLine(settings, { ...series, grid: true, iterations: count })} # model_id=${modelId}`;
}

function printSwitch(row: Switch, value: unknown): string {
  if (row.type === "flag") return row.names[0];
  // A text that begins with a dash would be taken for a switch.
  const glue = typeof value === "string" && value.startsWith("-") ? "=" : " ";
  return `${row.names[0]}${glue}${printValue(row, value)}`;
}

function printValue(row: Switch, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => printValue(row, one)).join(" ");
  if (typeof value !== "number") return quote(String(value), false);
  return row.type === "float" || row.type === "floats" ? formatPythonFloat(value) : String(value);
}

/** Double quotes with `\"` and `\\`; a plain word goes without unless `always`. */
function quote(text: string, always: boolean): string {
  if (!always && /^[\w./:+,][\w./:+,-]*$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
