import type { Switch } from "../switch.js";

const faces = { feature: "face restoration", inFix: true, where: "line", group: "After drawing" } as const;
const upscaling = { where: "line", group: "After drawing" } as const;
const outcropping = { feature: "extending pictures outside !fix", inFix: true, where: "line", group: "After drawing" } as const;
const embiggening = { feature: "embiggen", where: "line", group: "After drawing" } as const;

/** What happens to a finished picture, also by `!fix`. */
export const AFTER_DRAWING = [
  {
    ...faces,
    key: "facetoolStrength",
    names: ["-G", "--facetool_strength", "--gfpgan_strength"],
    type: "float",
    metavar: "SHARE",
    range: { min: 0, max: 1 },
    help: "how strongly to mend faces",
  },
  {
    ...faces,
    key: "facetool",
    names: ["-ft", "--facetool"],
    type: "text",
    metavar: "NAME",
    fallback: "gfpgan",
    help: "what mends faces: gfpgan or codeformer",
  },
  {
    ...faces,
    key: "codeformerFidelity",
    names: ["-cf", "--codeformer_fidelity"],
    type: "float",
    metavar: "SHARE",
    fallback: 0.75,
    range: { min: 0, max: 1 },
    help: "codeformer: 0 for the finest face, 1 for the most similar one",
  },
  {
    ...outcropping,
    key: "outcrop",
    names: ["-c", "--outcrop"],
    type: "words",
    metavar: "SIDE PIXELS...",
    help: "!fix: extend the picture, for example: top 64 left 128",
  },
  {
    ...upscaling,
    key: "upscale",
    names: ["-U", "--upscale"],
    type: "floats",
    metavar: "FACTOR [SHARE]",
    most: 2,
    record: "given",
    help: "enlarge, usually by 2 or 4; share of the enlarged picture in the result, 0.75 when absent",
  },
  {
    ...embiggening,
    key: "embiggen",
    names: ["--embiggen", "-embiggen"],
    type: "floats",
    metavar: "FACTOR [SHARE [OVERLAP]]",
    most: 3,
    help: "enlarge and draw again in tiles",
  },
  {
    ...embiggening,
    key: "embiggenTiles",
    names: ["--embiggen_tiles", "-embiggen_tiles"],
    type: "ints",
    metavar: "NUMBER...",
    help: "draw only these tiles again, counted from 1",
  },
  {
    ...embiggening,
    key: "embiggenStrength",
    names: ["--embiggen_strength", "-embiggen_strength"],
    type: "float",
    metavar: "SHARE",
    fallback: 0.4,
    help: "strength of each tile",
  },
  {
    ...outcropping,
    key: "outDirection",
    names: ["-D", "--out_direction"],
    type: "words",
    metavar: "SIDE [PIXELS]",
    most: 2,
    help: "!fix: move the picture away from this side and paint what gets free",
  },
  {
    ...upscaling,
    key: "saveOriginal",
    names: ["-save_orig", "--save_original"],
    type: "flag",
    help: "with -U: keep the picture as it was before, too",
  },
  {
    key: "newPrompt",
    names: ["--new_prompt"],
    type: "text",
    metavar: "TEXT",
    where: "line",
    feature: "another prompt outside !fix",
    inFix: true,
    group: "After drawing",
    help: "!fix: a prompt instead of the picture's own",
  },
] as const satisfies readonly Switch[];
