import type { Switch } from "../switch.js";

/** Pictures are multiples of this many pixels: one step of the deepest UNet level is 8·8 pixels. */
export const SIZE_STEP = 64;

/** Longer sides are refused out of hand; below, the engine's memory estimate decides. */
export const LONGEST_SIDE = 8192;

const range = { min: SIZE_STEP, max: LONGEST_SIDE } as const;
const pixels = { type: "int", metavar: "PIXELS", where: "both", range, record: "always" } as const;

const symmetry = {
  type: "float",
  metavar: "TIME",
  where: "line",
  range: { min: 0, max: 1 },
  record: "given",
  group: "Picture",
} as const;

/** What a picture looks like, up to the place where the dream string names the initial picture. */
export const DRAWING = [
  {
    key: "steps",
    names: ["-s", "--steps"],
    type: "int",
    metavar: "COUNT",
    where: "both",
    fallback: 50,
    range: { min: 1, max: 1000 },
    record: "always",
    group: "Picture",
    help: "steps of refinement",
  },
  {
    key: "seed",
    names: ["-S", "--seed"],
    type: "int",
    metavar: "SEED",
    where: "line",
    // What torch and InvokeAI accept: 32 bits.
    range: { min: 0, max: 0xffff_ffff },
    record: "always",
    group: "Picture",
    help: "start of the noise, else random; -1 is the last seed, -2 the one before",
  },
  {
    ...pixels,
    key: "width",
    names: ["-W", "--width"],
    group: "Picture",
    help: "width, a multiple of 64; default: the model's",
  },
  {
    ...pixels,
    key: "height",
    names: ["-H", "--height"],
    group: "Picture",
    help: "height, a multiple of 64; default: the model's",
  },
  {
    key: "cfgScale",
    names: ["-C", "--cfg_scale"],
    type: "float",
    metavar: "SCALE",
    where: "both",
    fallback: 7.5,
    record: "always",
    group: "Picture",
    help: "how closely to follow the prompt: from 1.0, mostly 5 to 20",
  },
  {
    key: "karrasMax",
    names: ["--karras_max"],
    type: "int",
    metavar: "COUNT",
    where: "both",
    range: { min: 0, max: 1000 },
    record: "given",
    group: "Picture",
    help: "Karras' noise levels when there are fewer steps than this",
  },
  {
    key: "perlin",
    names: ["--perlin"],
    type: "float",
    metavar: "SHARE",
    where: "line",
    range: { min: 0, max: 1 },
    record: "given",
    group: "Picture",
    help: "share of Perlin noise in the starting noise",
  },
  {
    key: "threshold",
    names: ["--threshold"],
    type: "float",
    metavar: "LIMIT",
    where: "line",
    record: "given",
    group: "Picture",
    help: "limit of the latents' values: 5 to 20 for high -C, 0 for none",
  },
  {
    key: "grid",
    names: ["--grid", "-g"],
    type: "flag",
    negatable: true,
    where: "both",
    record: "given",
    group: "Series",
    help: "one file with all pictures of a line instead of one file each",
  },
  {
    key: "seamless",
    names: ["--seamless"],
    type: "flag",
    negatable: true,
    where: "both",
    record: "given",
    group: "Picture",
    help: "a picture that can be tiled without a seam",
  },
  {
    key: "seamlessAxes",
    names: ["--seamless_axes"],
    type: "text",
    metavar: "AXES",
    where: "line",
    record: "given",
    group: "Picture",
    help: "tile along these axes alone: x, y or xy; switches --seamless on",
  },
  {
    key: "hiresFix",
    names: ["--hires_fix"],
    type: "flag",
    where: "line",
    record: "given",
    group: "Picture",
    help: "draw in the model's own size, then enlarge and refine the latents (-f)",
  },
  {
    ...symmetry,
    key: "hSymmetryTimePct",
    names: ["--h_symmetry_time_pct"],
    help: "mirror the left half at this share of the steps, 0 for never",
  },
  {
    ...symmetry,
    key: "vSymmetryTimePct",
    names: ["--v_symmetry_time_pct"],
    help: "mirror the upper half at this share of the steps, 0 for never",
  },
] as const satisfies readonly Switch[];
