import type { Switch } from "../../options/switch.js";

/** The value of a switch that a line ends with. */
export interface TypedValue {
  readonly row: Switch;
  /** What belongs to the same word and stays in front of the value: `-I` of `-I./te`, `--outdir=`, or nothing. */
  readonly attached: string;
  /** As it stands in the line, an opening quotation mark included. */
  readonly value: string;
}

/** An open quotation, in which blanks count as letters, or a word. */
const VALUE = String.raw`("(?:[^"\\]|\\.)*|[^\s"]\S*|)$`;

/** Which switch's value does the line end with? Spelled `-I./te`, `-I ./te`, `-I=./te`, `--init_img ./te` or `--init_img=./te`. */
export function typedValue(line: string, switches: readonly Switch[]): TypedValue | undefined {
  const names = switches
    .filter((row) => row.type !== "flag")
    .flatMap((row) => row.names.map((name) => ({ row, name })))
    .sort((one, other) => other.name.length - one.name.length);
  for (const { row, name } of names) {
    const between = name.length === 2 ? String.raw`(=|\s+|)` : String.raw`(=|\s+)`;
    const match = new RegExp(String.raw`(?:^|\s)${name}${between}${VALUE}`).exec(line);
    if (!match) continue;
    const [, joint = "", value = ""] = match;
    return { row, attached: /^\s/.test(joint) ? "" : name + joint, value };
  }
  return undefined;
}
