import type { Part } from "./part.js";

const OUTDIR = ["-o", "outputs/img-samples"];
const CUT = "\x15";

/** Lines 1 to 21 of the history that the document lists from. */
const WOMAN = "woman sitting under tree wearing broad hat and flowing garment";
const HISTORY = [
  ...Array.from({ length: 13 }, (_, index) => `woman sitting under tree, draft ${index + 1}`),
  `happy ${WOMAN}`,
  `beautiful ${WOMAN}`,
  `beautiful ${WOMAN} -s20`,
  `beautiful ${WOMAN} -v0.1 -n6`,
  `beautiful ${WOMAN} -v0.2 -n6`,
  `oil painting of beautiful ${WOMAN} -v0.2 -n6 -S2878767194`,
  `watercolor of beautiful ${WOMAN} -v0.2 -n6 -S2878767194`,
  `surrealist painting of beautiful ${WOMAN} -v0.2 -n6 -S2878767194`,
];

/** The examples of dream.py's page on its command line, in their order, typed as they are printed there. */
export const ORIGINAL_EXAMPLES: readonly Part[] = [
  {
    heading: "The first session",
    launch: OUTDIR,
    showsStart: true,
    acts: [
      { told: "Two pictures, 150 steps each.", keys: "ashley judd riding a camel -n2 -s150\r", shows: "[1.2]" },
      {
        told: "Six pictures in one grid, with the seeds of its cells. The apostrophe needs no care.",
        keys: `"there's a fly in my soup" -n6 -g\r`,
        shows: "seeds for individual rows",
      },
      { keys: "q\r" },
    ],
    images2prompt: true,
  },
  {
    heading: "The same seeds",
    told: "With the seeds that the page shows (and fewer steps), the seeds that follow are the page's own too.",
    launch: OUTDIR,
    acts: [
      { keys: "ashley judd riding a camel -n2 -s10 -S416354203\r", shows: "[1.2]" },
      { keys: `"there's a fly in my soup" -n6 -g -s10 -S2685670268\r`, shows: "seeds for individual rows" },
    ],
  },
  {
    heading: "From text, from a picture, with a mask",
    told: "The height is no multiple of 64 and is rounded down. What is white in the mask is kept.",
    launch: OUTDIR,
    prepared: [
      { line: "a house beside a tree at sunset -S1", as: "vacation-photo.png" },
      { line: "a white circle -S2", as: "vacation-mask.png" },
    ],
    acts: [
      { keys: "waterfall and rainbow -W640 -H480\r", shows: "[1] " },
      { keys: "waterfall and rainbow -I./vacation-photo.png -W640 -H480 --fit\r", shows: "[2] " },
      { keys: "waterfall and rainbow -I./vacation-photo.png -M./vacation-mask.png -W640 -H480 --fit\r", shows: "[3] " },
    ],
  },
  {
    heading: "!fix",
    told: "The page's picture, made by this program and given the page's name.",
    launch: OUTDIR,
    prepared: [{ line: `"boy enjoying a banana split" -S4829112`, as: "outputs/img-samples/0000045.4829112.png" }],
    acts: [
      { keys: "!fix 0000045.4829112.png -G1 -U4 -ft codeformer\r", shows: "[1] " },
      { told: "No network about faces comes with the program:", keys: "!fix 0000045.4829112.png -G0.8 -ft gfpgan\r", shows: "** " },
      { keys: "!fix 000017.4829112.gfpgan-00.png --embiggen 3\r", shows: "** " },
    ],
  },
  {
    heading: "!fetch",
    told: "The command comes back into the prompt, ready for editing; Enter makes the picture again.",
    launch: OUTDIR,
    prepared: [
      {
        line: "a fantastic alien landscape -W 576 -H 512 -s 60 -A plms -C 7.5 -S 8929913",
        as: "outputs/img-samples/0000015.8929913.png",
      },
    ],
    acts: [
      { keys: "!fetch 0000015.8929913.png\r", shows: "-S 8929913", after: "" },
      { told: "After Enter:", keys: "\r", shows: "[1] " },
    ],
  },
  {
    heading: "!history",
    launch: OUTDIR,
    history: HISTORY,
    acts: [
      { keys: "!history\r", shows: "[21] " },
      { keys: "!20\r", shows: "dream> watercolor", after: "" },
      { told: "After Enter: six variations of one picture.", keys: "\r", shows: "[1.6]" },
    ],
  },
  {
    heading: "Tab",
    told: "Tab was pressed at the end of each of these lines; the first time it adds the slash, the second time it lists.",
    launch: OUTDIR,
    touched: [
      "test-pictures/Lincoln-and-Parrot.png",
      "test-pictures/zebra.jpg",
      "test-pictures/madonna.png",
      "test-pictures/bad-sketch.png",
      "test-pictures/man_with_eagle/eagle.png",
    ],
    acts: [
      { keys: "zebra with a mustache -I./test-pictures\t", shows: "-I./test-pictures/", after: "" },
      { keys: "\t", shows: "bad-sketch", after: "" },
      { told: "After `z` and another Tab:", keys: "z\t", shows: "zebra with a mustache -I./test-pictures/zebra.jpg", after: CUT },
    ],
  },
  {
    heading: "Through a pipe",
    told: "The same lines without a terminal: each is echoed, and one that fails makes the exit status 1 without stopping the others.",
    launch: [...OUTDIR, "--from_file", "-"],
    piped: [
      `"there's a fly in my soup" -n2 -s10`,
      "waterfall and rainbow -I./vacation-photo.png -M./vacation-mask.png -W640 -H480 --fit",
      "!dream ashley judd riding a camel -s10",
    ],
  },
];
