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
}

/**
 * The dream string: the line that makes this picture again, `"a cat" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms`.
 *
 * The prompt is quoted, as dream.py did, because an unquoted prompt with ` -word` in it cannot be read back. Braces that `expandSweeps`
 * would take for a group are escaped.
 */
export function printLine(settings: Omit<PictureSettings, "seed"> & { readonly seed?: number }, series: SeriesSettings = {}): string {
  const { seamlessAxes, withVariations } = settings;
  const values: { readonly [key: string]: unknown } = {
    ...settings,
    ...series,
    seamless: seamlessAxes !== "",
    seamlessAxes: seamlessAxes.length === 1 ? seamlessAxes : undefined,
    withVariations: withVariations.length === 0 ? undefined : printVariations(withVariations),
  };
  const parts = [escapeGroups(quote(settings.prompt, true))];
  for (const row of SWITCHES as readonly Switch[]) {
    const value = values[row.key];
    const wanted = row.record === "always" || (row.record === "given" && value !== row.fallback);
    if (wanted && value !== undefined && value !== false) parts.push(printSwitch(row, value));
  }
  return parts.join(" ");
}

/** The dream string as it goes into the picture and the logs, with the model's name as a comment. */
export function printDream(settings: PictureSettings, modelId: string): string {
  return `${printLine(settings)} # model_id=${modelId}`;
}

/** The dream string of a grid: it makes all its pictures again; their seeds follow as a comment. */
export function printGridDream(settings: PictureSettings, modelId: string, seeds: readonly number[]): string {
  const line = printLine(settings, { grid: true, iterations: seeds.length });
  return `${line} # model_id=${modelId} # [${seeds.join(", ")}]`;
}

function printSwitch(row: Switch, value: unknown): string {
  return row.type === "flag" ? row.names[0] : `${row.names[0]} ${printValue(row, value)}`;
}

function printValue(row: Switch, value: unknown): string {
  if (typeof value !== "number") return quote(String(value), false);
  return row.type === "float" ? formatPythonFloat(value) : String(value);
}

/** Double quotes with `\"` and `\\`; a plain word goes without unless `always`. */
function quote(text: string, always: boolean): string {
  if (!always && /^[\w./:+,][\w./:+,-]*$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
