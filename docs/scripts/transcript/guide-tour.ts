import type { Part } from "./part.js";

/** What a mistake is answered with. */
const mistake = (line: string) => ({ keys: `${line}\r`, shows: "** " });

/** The pair that made picture n of a series of variations, as it stands behind `-V`. */
function pairOf(rows: readonly string[], picture: number): string {
  const row = rows.find((text) => text.startsWith(`[2.${picture}]`)) ?? "";
  return /-V (\S+)/.exec(row)?.[1] ?? "";
}

/** The lines whose answers the user guide shows. */
export const GUIDE_TOUR: readonly Part[] = [
  {
    heading: "First pictures",
    launch: [],
    acts: [
      { keys: "a white boat on the sea -S3357757885\r", shows: "[1] " },
      { keys: "a white boat on the sea -S42 -n3\r", shows: "[2.3]" },
    ],
  },
  {
    heading: "Finished pictures",
    launch: [],
    prepared: [{ line: "a white boat on the sea -S3357757885", as: "outputs/000001.3357757885.png" }],
    acts: [
      { keys: "!fix 000001.3357757885.png -U 2\r", shows: "[1] " },
      { keys: "!verify 000001.3357757885.png\r", shows: "identical" },
      { keys: "!fetch *.png all.txt\r", shows: "all.txt with" },
      { keys: "!models\r", shows: "simple scenes" },
    ],
  },
  {
    heading: "Variations",
    launch: [],
    acts: [
      { told: "Make: a picture that is nearly right.", keys: "a purple flower on a meadow -S3357757885\r", shows: "[1] " },
      { told: "Pick: three others close to it.", keys: "a purple flower on a meadow -S3357757885 -v0.2 -n3\r", shows: "[2.3]" },
      {
        told: "Combine: some of the first and some of the third.",
        keys: (rows) => `a purple flower on a meadow -S3357757885 -V${pairOf(rows, 1)},${pairOf(rows, 3)}\r`,
        shows: "[3] ",
      },
    ],
  },
  {
    heading: "Sweeps",
    launch: [],
    acts: [
      { keys: "a {red|green} star above a white house -S7 -C{2,9}\r", shows: "[1.4]" },
      { keys: "a {red|green|blue} star above a white house -S7 -C{2,5,9} -g\r", shows: "[2] " },
    ],
  },
  {
    heading: "Without a terminal",
    launch: ["--from_file", "-"],
    piped: ["a red boat -S1 -s10", "a blue boat -W0", "a green boat -S1 -s10"],
  },
  {
    heading: "Mistakes",
    launch: [],
    acts: [
      mistake("a cat -W20"),
      mistake("a cat -Akeuler"),
      mistake("a cat -C1"),
      mistake("a cat -s"),
      mistake("a cat --se 4"),
      mistake("a cat -V784039624:0.2"),
      mistake("a knight -sans horse"),
      mistake('"a cat -n2'),
      mistake("-n2"),
      mistake("a cat -S -1"),
      mistake("a cat -I dog.png"),
      mistake("!fetch dog.png"),
      mistake("!switch sd-1.5"),
      mistake("!20"),
      mistake("!hist"),
    ],
  },
];
