import type { MadePicture } from "./made-pictures.js";

/** The two lines about what it cost. */
export function usageStats(images: number, seconds: number): string {
  return `>> Usage stats:\n>>   ${images} image(s) generated in ${seconds.toFixed(2)}s`;
}

/**
 * The block that names the files of a line and the commands that make them again: `[3] path: command`, or `[3.1]`, `[3.2]` … when
 * the line made several. Below a grid stand the seeds of its pictures.
 *
 * @param number of the line among those that made something, from 1
 */
export function outputsBlock(files: readonly MadePicture[], number: number): string {
  const several = files.length > 1;
  const lines = files.flatMap(({ path, dream, rowSeeds }, i) => {
    const line = `[${several ? `${number}.${i + 1}` : number}] ${path}: ${dream}`;
    return rowSeeds === undefined ? [line] : [line, `    seeds for individual rows: [${rowSeeds.join(", ")}]`];
  });
  return ["Outputs:", ...lines, ""].join("\n");
}
