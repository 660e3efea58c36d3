import type { Switch } from "../switch.js";

const asInput = { group: "Pictures as input" } as const;
const masked = { feature: "masks (inpainting)", group: "Pictures as input" } as const;
const outpaint = { feature: "painting beyond the border (outpainting)", group: "Pictures as input" } as const;
const fit = { ...asInput, key: "fit", type: "flag", negatable: true, help: "scale the initial picture into the box of -W and -H" } as const;

/** Share of the steps that is run on an initial picture where nobody names one. */
export const USUAL_STRENGTH = 0.75;

/** The dream string names the initial picture before the sampler. */
export const INITIAL_PICTURE = [
  {
    ...asInput,
    key: "initImg",
    names: ["-I", "--init_img"],
    type: "path",
    metavar: "FILE",
    where: "line",
    record: "always",
    help: "start from this picture; -1 is the last one made",
  },
] as const satisfies readonly Switch[];

/** Pictures that go in: initial picture, mask, colours. */
export const INPUT_PICTURES = [
  // `-F` is --full_precision at launch.
  { ...fit, names: ["--fit", "-T", "-fit", "-F"], where: "line", record: "given" },
  { ...fit, names: ["--fit", "-T", "-fit"], where: "launch" },
  {
    ...masked,
    key: "initMask",
    names: ["-M", "--init_mask", "--mask"],
    type: "path",
    metavar: "FILE",
    where: "line",
    help: "paint only where this picture is transparent or black",
  },
  {
    ...asInput,
    key: "initColor",
    names: ["--init_color"],
    type: "path",
    metavar: "FILE",
    where: "line",
    record: "given",
    help: "give the finished picture the colours of this one",
  },
  {
    ...asInput,
    key: "strength",
    names: ["-f", "--strength"],
    type: "float",
    metavar: "SHARE",
    where: "both",
    fallback: USUAL_STRENGTH,
    range: { min: 0, max: 1 },
    record: "always",
    help: "how far to go from the initial picture: 0 keeps it, 1 keeps nothing of it",
  },
  {
    ...masked,
    key: "inpaintReplace",
    names: ["-r", "--inpaint_replace"],
    type: "float",
    metavar: "SHARE",
    where: "line",
    range: { min: 0, max: 1 },
    help: "share of noise that replaces what is below the mask",
  },
  {
    ...masked,
    key: "textMask",
    names: ["-tm", "--text_mask"],
    type: "words",
    metavar: "TEXT [LIMIT]",
    most: 2,
    where: "line",
    help: "mask what the text names",
  },
  { ...masked, key: "invertMask", names: ["--invert_mask"], type: "flag", where: "line", help: "exchange the two sides of the mask" },
  {
    ...outpaint,
    key: "forceOutpaint",
    names: ["--force_outpaint"],
    type: "flag",
    where: "line",
    help: "treat the picture as one with a transparent border",
  },
  {
    ...outpaint,
    key: "seamSize",
    names: ["--seam_size"],
    type: "int",
    metavar: "PIXELS",
    where: "line",
    fallback: 0,
    range: { min: 0, max: 8192 },
    help: "width of the seam that is painted again",
  },
  {
    ...outpaint,
    key: "seamBlur",
    names: ["--seam_blur"],
    type: "int",
    metavar: "PIXELS",
    where: "line",
    fallback: 0,
    range: { min: 0, max: 8192 },
    help: "softness of the seam",
  },
  {
    ...outpaint,
    key: "seamStrength",
    names: ["--seam_strength"],
    type: "float",
    metavar: "SHARE",
    where: "line",
    fallback: 0.7,
    range: { min: 0, max: 1 },
    help: "strength along the seam",
  },
  {
    ...outpaint,
    key: "seamSteps",
    names: ["--seam_steps"],
    type: "int",
    metavar: "COUNT",
    where: "line",
    fallback: 10,
    range: { min: 0, max: 1000 },
    help: "steps along the seam",
  },
  {
    ...outpaint,
    key: "tileSize",
    names: ["--tile_size"],
    type: "int",
    metavar: "PIXELS",
    where: "line",
    fallback: 32,
    range: { min: 1, max: 8192 },
    help: "size of the tiles that fill a border",
  },
] as const satisfies readonly Switch[];
