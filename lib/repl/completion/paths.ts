import { join } from "node:path";
import { expandHome } from "../../home-folder.js";
import type { CompletionSources } from "./sources.js";

/** What a path is wanted for. */
export interface PathKind {
  /** Lower-case endings of files, with the dot; none when only folders will do. */
  readonly endings: readonly string[];
  /** What has no folder in front, or is not there, is looked for in the output folder too. */
  readonly inOutdir: boolean;
}

export const PICTURES: PathKind = { endings: [".png", ".jpg", ".jpeg", ".webp", ".gif"], inOutdir: true };
export const MODEL_FILES: PathKind = { endings: [".safetensors", ".ckpt", ".pth", ".pt", ".bin", ".onnx", ".vae"], inOutdir: false };
export const LINE_FILES: PathKind = { endings: [".txt", ".md"], inOutdir: true };
export const TEMPLATES: PathKind = { endings: [".yaml", ".yml", ".json"], inOutdir: true };
export const FOLDERS: PathKind = { endings: [], inOutdir: false };

/** Outside a quotation these would end a word or mean something else. */
const NEEDS_QUOTES = /[\s"'\\#]/;

/**
 * Paths that begin as `typed` does; folders end with a slash.
 *
 * @param typed without quotation marks; a leading `~` is the home folder and stays as it is
 */
export async function pathsFor(typed: string, kind: PathKind, sources: CompletionSources): Promise<string[]> {
  const text = typed === "~" ? "~/" : typed;
  const cut = text.lastIndexOf("/") + 1;
  const [folder, start] = [text.slice(0, cut), text.slice(cut)];
  const read = (place: string) => sources.readFolder(place, { start, endings: kind.endings });
  const entries = [...(await read(expandHome(folder)))];
  const relative = !folder.startsWith("/") && !folder.startsWith("~");
  if (kind.inOutdir && relative && (folder === "" || entries.length === 0)) entries.push(...(await read(join(sources.outdir, folder))));
  return [...new Set(entries.map(({ name, isFolder }) => `${folder}${name}${isFolder ? "/" : ""}`))].sort();
}

/**
 * Paths as words of a line. When one needs quotation marks they all get them, so that what they have in common can be put into the line;
 * that of a folder stays open, because its path goes on.
 */
export function asWords(paths: readonly string[], quoted: boolean): string[] {
  if (!quoted && !paths.some((path) => NEEDS_QUOTES.test(path))) return [...paths];
  return paths.map((path) => `"${path.replaceAll(/["\\]/g, "\\$&")}${path.endsWith("/") ? "" : '"'}`);
}
