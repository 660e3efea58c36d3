import { type LaunchValues, SWITCHES, type Switch } from "./table.js";

/** How every line that we record ends, and those of invoke 2.3; a grid's seeds may follow. */
const RECORDED = /\s# model_id=\S*(?: # \[[\d, ]*\])?\s*$/;

/** True of a line that was recorded for a picture: what it does not say has its built-in value. */
export function isRecordedLine(line: string): boolean {
  return RECORDED.test(line);
}

/** The launch values that only say where pictures go: a recorded line makes the same pixels whatever the program was started with. */
export function withoutDrawing(launch: LaunchValues): LaunchValues {
  const drawing = new Set((SWITCHES as readonly Switch[]).flatMap(({ key, record }) => (record === undefined ? [] : [key])));
  return Object.fromEntries(Object.entries(launch).filter(([key]) => !drawing.has(key)));
}
