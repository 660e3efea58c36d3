import { regionOf, regionSwitches } from "./painted-region.js";
import type { PictureSettings } from "./picture-settings.js";
import { type LaunchValues, type LineValues, SWITCHES, type Switch } from "./table.js";

/** Scale of both sides; share of the sharper enlargement, 0 … 1; overlap of neighbours, below 1 a share of a tile, else pixels. */
export type Embiggen = readonly [scale: number, share: number, overlap: number];

/** What InvokeAI 2.3 takes where nobody says anything. */
const USUAL: Embiggen = [1, 0.75, 0.25];

/** Share of the steps that is run on a tile where nobody names one. */
export const USUAL_TILE_STRENGTH = 0.4;

/** From here on every tile begins to show the whole motif. */
const REPEATING_STRENGTH = 0.5;

type Settings = Omit<PictureSettings, "seed"> & { readonly seed?: number };

/**
 * The settings of a line that asks for Embiggen: its initial picture is enlarged and drawn again in tiles. A list of tiles alone asks for it,
 * too.
 *
 * @param settings without Embiggen; `--hires_fix` among them goes first, as in the reference
 * @param notices takes a sentence for everything that is not used as it was given
 */
export function withEmbiggen(line: LineValues, launch: LaunchValues, settings: Settings, notices: string[]): Settings {
  const embiggen = readEmbiggen(line, notices);
  if (embiggen === undefined) {
    if (line.embiggenStrength !== undefined) notices.push(">> --embiggen_strength changes nothing without --embiggen");
    return settings;
  }
  if (settings.hiresFix) {
    notices.push(">> --hires_fix begins with a picture of its own: Embiggen is left out");
    return settings;
  }
  const unused = withoutMeaning(settings);
  if (unused.length > 0) notices.push(`>> Embiggen draws the whole picture again, tile by tile: ${unused.join(", ")} changes nothing`);
  const region = Object.fromEntries(Object.keys(regionOf(settings)).map((key) => [key, undefined]));
  return {
    ...settings,
    ...region,
    seamlessAxes: "",
    hSymmetryTimePct: undefined,
    vSymmetryTimePct: undefined,
    fit: false,
    strength: tileStrength(line, launch.strength, notices),
    embiggen,
    embiggenTiles: line.embiggenTiles?.length ? line.embiggenTiles : undefined,
  };
}

/**
 * @param notices takes a sentence for every value that its usual one takes the place of, as in the reference
 * @returns undefined when the line asks for nothing
 */
function readEmbiggen({ embiggen, embiggenTiles }: LineValues, notices: string[]): Embiggen | undefined {
  if (embiggen === undefined && embiggenTiles === undefined) return undefined;
  let [scale, share, overlap] = USUAL.map((usual, i) => embiggen?.[i] ?? usual) as [number, number, number];
  if (scale < 0) {
    scale = USUAL[0];
    notices.push(">> Embiggen scaling factor cannot be negative, fell back to the default of 1.0 !");
  }
  if (!(share >= 0 && share <= 1)) {
    share = USUAL[1];
    notices.push(">> Embiggen upscaling strength for ESRGAN must be between 0 and 1, fell back to the default of 0.75 !");
  }
  if (overlap < 0) {
    overlap = USUAL[2];
    const legal = "a positive ratio between 0 and 1 OR a number of pixels";
    notices.push(`>> Overlap size for Embiggen must be ${legal}, fell back to the default of 0.25 !`);
  }
  return [scale, share, overlap];
}

/** The strength of every tile: `--embiggen_strength`, else `-f`, else the usual one. */
function tileStrength(line: LineValues, launched: number | undefined, notices: string[]): number {
  const asked = line.embiggenStrength ?? line.strength ?? launched;
  if (asked === undefined) notices.push(`>> Setting img2img strength to ${USUAL_TILE_STRENGTH} for happy embiggening`);
  const strength = asked ?? USUAL_TILE_STRENGTH;
  if (strength >= REPEATING_STRENGTH) {
    const why = `Embiggen may produce mirror motifs if the strength (-f) is too high (currently ${strength})`;
    notices.push(`* WARNING: ${why}. Try values between 0.35-0.45.`);
  }
  return strength;
}

/** Whether the upscaler, or what takes its place, has a part in the enlargement. */
export function sharpens([scale, share]: Embiggen): boolean {
  return scale > 1 && share > 0;
}

/** The switches of a whole picture that no tile can follow. */
function withoutMeaning(settings: Settings): string[] {
  const keys = [
    ...(settings.seamlessAxes === "" ? [] : ["seamless"]),
    ...(["hSymmetryTimePct", "vSymmetryTimePct"] as const).filter((key) => settings[key] !== undefined),
    ...(settings.fit ? ["fit"] : []),
  ];
  const rows: readonly Switch[] = SWITCHES;
  return [...keys.map((key) => rows.find((row) => row.key === key)?.names[0] ?? key), ...regionSwitches(settings)];
}
