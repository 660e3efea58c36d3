import { type LineValues, SWITCHES, type Switch } from "./table.js";
import { readTextMask, textMaskWords } from "./text-mask.js";

/** The switches that say which part of an initial picture is painted, and how. */
const REGION_KEYS = [
  ...(["initMask", "textMask", "invertMask", "inpaintReplace", "forceOutpaint", "infillMethod", "tileSize"] as const),
  ...(["seamSize", "seamBlur", "seamStrength", "seamSteps"] as const),
] as const;
const SEAM_KEYS = ["seamBlur", "seamStrength", "seamSteps"] as const;

type RegionKey = (typeof REGION_KEYS)[number];

/** What a line says about the painted part of its initial picture; everything that is as built in is absent. */
export type RegionSettings = Pick<LineValues, RegionKey>;

/** What fills transparent pixels where the line does not say. */
export const USUAL_INFILL = "patchmatch";

/**
 * The painted part as a line gives it.
 *
 * @param notices takes a sentence for every switch that changes nothing
 */
export function resolveRegion(line: LineValues, notices: string[]): RegionSettings {
  const { tileSize, infillMethod } = line;
  const textMask = line.textMask && textMaskWords(readTextMask(line.textMask));
  const given = regionOf({ ...line, textMask, infillMethod: infillMethod ?? (tileSize === undefined ? undefined : "tile") });
  const unused: RegionKey[] = line.initImg ? [] : (Object.keys(given) as RegionKey[]);
  if (line.initImg && given.initMask !== undefined && textMask !== undefined) unused.push("textMask");
  if (line.initImg && given.infillMethod !== "tile" && tileSize !== undefined) unused.push("tileSize");
  if (line.initImg && given.seamSize === undefined) unused.push(...SEAM_KEYS.filter((key) => given[key] !== undefined));
  const seam = "without --seam_size";
  const reasons = {
    textMask: "beside a mask (-M)",
    tileSize: "without --infill_method tile",
    seamBlur: seam,
    seamStrength: seam,
    seamSteps: seam,
  };
  for (const key of unused) {
    const reason = line.initImg ? reasons[key as keyof typeof reasons] : "without an initial picture (-I)";
    if (line[key] !== undefined) notices.push(`>> ${rowOf(key).names[0]} changes nothing ${reason}`);
  }
  return Object.fromEntries(Object.entries(given).filter(([key]) => !unused.includes(key as RegionKey)));
}

/** The painted part among recorded values. */
export function regionOf(values: RegionSettings): RegionSettings {
  const given = REGION_KEYS.filter((key) => {
    const value = values[key];
    return value !== undefined && value !== false && value !== "" && value !== rowOf(key).fallback;
  });
  return Object.fromEntries(given.map((key) => [key, values[key]]));
}

/** The other values. */
export function withoutRegion<Values extends LineValues>(values: Values): Omit<Values, RegionKey> {
  const others = Object.entries(values).filter(([key]) => !REGION_KEYS.includes(key as RegionKey));
  return Object.fromEntries(others) as Omit<Values, RegionKey>;
}

/** The first names of the switches that were given. */
export function regionSwitches(settings: RegionSettings): string[] {
  return (Object.keys(regionOf(settings)) as RegionKey[]).map((key) => rowOf(key).names[0]);
}

function rowOf(key: RegionKey): Switch {
  return (SWITCHES as readonly Switch[]).find((row) => row.key === key) as Switch;
}
