import type { MadePictures } from "./make-pictures.js";

/** The two lines about what it cost. */
export function usageStats(made: MadePictures): string {
  return `>> Usage stats:\n>>   ${made.pictures.length} image(s) generated in ${made.seconds.toFixed(2)}s`;
}

/**
 * The block that names the pictures of a line and the commands that make them again: `[3] path: command`, or `[3.1]`, `[3.2]` … when
 * the line made several.
 *
 * @param number of the line among those that made something, from 1
 */
export function outputsBlock(made: MadePictures, number: number): string {
  const several = made.pictures.length > 1;
  const lines = made.pictures.map(({ path, dream }, i) => `[${several ? `${number}.${i + 1}` : number}] ${path}: ${dream}`);
  return ["Outputs:", ...lines, ""].join("\n");
}
