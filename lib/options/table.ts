import type { Switch } from "./switch.js";
import { AFTER_DRAWING } from "./table/after-drawing.js";
import { DRAWING } from "./table/drawing.js";
import { FILES } from "./table/files.js";
import { INITIAL_PICTURE, INPUT_PICTURES } from "./table/input-pictures.js";
import { MODELS } from "./table/models.js";
import { PROGRAM } from "./table/program.js";
import { SAMPLING } from "./table/sampling.js";
import { SERIES } from "./table/series.js";

export type { Range, Switch } from "./switch.js";
export { LONGEST_SIDE, SIZE_STEP } from "./table/drawing.js";
export { USUAL_STRENGTH } from "./table/input-pictures.js";

/**
 * The one table of switches, of both generations of the reference and our own.
 *
 * Rows stand in the order in which the dream string prints them (INVOKE 2.3's order), followed by those that it never prints.
 */
export const SWITCHES = [
  ...DRAWING,
  ...INITIAL_PICTURE,
  ...SAMPLING,
  ...INPUT_PICTURES,
  ...AFTER_DRAWING,
  ...SERIES,
  ...FILES,
  ...MODELS,
  ...PROGRAM,
] as const;

type Row = (typeof SWITCHES)[number];
type ValueOf<R extends Row> = R extends { type: "int" | "float" }
  ? number
  : R extends { type: "flag" }
    ? boolean
    : R extends { type: "words" }
      ? readonly string[]
      : R extends { type: "ints" | "floats" }
        ? readonly number[]
        : R extends { choices: readonly (infer C)[] }
          ? C
          : string;
type ValuesAt<Place> = { readonly [R in Extract<Row, { where: Place | "both" }> as R["key"]]?: ValueOf<R> };

/** What a prompt line gave, by key. */
export type LineValues = ValuesAt<"line">;
/** What the command line gave, by key. */
export type LaunchValues = ValuesAt<"launch">;

/** The rows that are legal at a place, in table order. */
export function switchesAt(place: "launch" | "line"): readonly Switch[] {
  return SWITCHES.filter((row) => row.where === place || row.where === "both");
}
