import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { DreamError } from "../errors.js";
import { unavailable } from "../options/available.js";
import { parseLaunch } from "../options/read.js";
import { settleLaunch } from "../options/settle-launch.js";
import type { LaunchValues } from "../options/table.js";
import { type ArgumentLine, readArgumentLines } from "./argument-lines.js";

export const INIT_FILE = "invokeai.init";
const OLD_INIT_FILE = ".invokeai";

/** Launch switches from a file. */
export interface InitFile {
  readonly path: string;
  readonly values: LaunchValues;
  /** What to tell about the file and what of it cannot count. */
  readonly notices: readonly string[];
}

/**
 * Reads `<root>/invokeai.init`; where there is none, `~/.invokeai` of older versions.
 *
 * A switch whose feature is not there yet is told and left out: the file may serve other programs too, and it must not keep this one
 * from starting. Everything else that is wrong ends the program.
 *
 * @param root undefined when there is none
 * @returns undefined when there is neither file
 * @throws DreamError usage/launch with file and line; file/unreadable
 */
export async function readInitFile(root: string | undefined, home: string): Promise<InitFile | undefined> {
  if (root !== undefined) {
    const path = join(root, INIT_FILE);
    if (await exists(path)) return readInit(path, []);
  }
  const old = join(home, OLD_INIT_FILE);
  if (!(await exists(old))) return undefined;
  const successor = join(root ?? join(home, "invokeai"), INIT_FILE);
  return readInit(old, [`${old} is deprecated; move its lines to ${successor}`]);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function readInit(path: string, notices: readonly string[]): Promise<InitFile> {
  const said = [...notices];
  let values: LaunchValues = {};
  for (const line of await readArgumentLines(path)) values = { ...values, ...readLine(line, said) };
  return { path, values, notices: said };
}

function readLine({ origin, words }: ArgumentLine, said: string[]): LaunchValues {
  try {
    const { help, version, ...values } = parseLaunch(words);
    if (help || version) throw new DreamError("usage/launch", `${help ? "--help" : "--version"} belongs on the command line`);
    const missing = unavailable(values, "launch");
    for (const { names, feature } of missing) said.push(`${origin}: ${names[0]} is left out, not available yet: ${feature}`);
    const keys = new Set<string>(missing.map(({ key }) => key));
    const usable: LaunchValues = Object.fromEntries(Object.entries(values).filter(([key]) => !keys.has(key)));
    settleLaunch(usable);
    return usable;
  } catch (error) {
    throw error instanceof DreamError ? new DreamError("usage/launch", `${origin}: ${error.message}`) : error;
  }
}
