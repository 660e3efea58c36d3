import type { PictureSettings } from "./picture-settings.js";
import { printPrompt, recordedSwitches, type SeriesSettings } from "./print-line.js";
import type { ParsedLine } from "./read.js";
import { splitLine } from "./split-line.js";
import type { SweepAxis } from "./sweep.js";
import { wordSpans } from "./word-spans.js";

/**
 * The dream string of a contact sheet: the line as it was typed, with its groups of braces, and behind it everything that came from
 * elsewhere (the seed that was drawn or meant by `-S -1`, the values of launch and model, the prompt of the initial picture), so that it
 * makes the same sheet again.
 *
 * @param first line of the sweep as it was typed
 * @param settings of the first picture
 */
export function printSweepDream(
  typed: string,
  axes: readonly SweepAxis[],
  first: ParsedLine,
  settings: PictureSettings,
  series: SeriesSettings,
  modelId: string,
): string {
  const swept = new Set(axes.map(({ name }) => name));
  const given: Readonly<Record<string, unknown>> = first;
  const final: Readonly<Record<string, unknown>> = { ...settings, ...series };
  const missing = recordedSwitches(settings, series).filter(({ row }) => {
    if (swept.has(row.names[0])) return false;
    return given[row.key] === undefined || (row.record === "always" && given[row.key] !== final[row.key]);
  });
  const prompt = first.prompt.trim() === "" ? [printPrompt(settings.prompt)] : [];
  return [...prompt, withoutComment(typed), ...missing.map(({ text }) => text), `# model_id=${modelId}`].join(" ");
}

/** What follows a comment would belong to it. */
function withoutComment(typed: string): string {
  const line = typed.trim();
  const { switchesFrom } = splitLine(line);
  const end = wordSpans(line.slice(switchesFrom)).at(-1)?.end ?? 0;
  return line.slice(0, switchesFrom + end).trimEnd();
}
