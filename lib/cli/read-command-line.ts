import { DreamError } from "../errors.js";
import { parseLaunch, parseLine } from "../options/read.js";
import { usageError } from "../options/read-arguments.js";
import { resolveLine } from "../options/resolve.js";
import { settleLaunch } from "../options/settle-launch.js";
import { splitCommandLine } from "../options/split-command-line.js";
import { expandSweeps } from "../options/sweep.js";
import type { LaunchValues } from "../options/table.js";
import { includeFiles } from "./argument-lines.js";
import { existingRoot, findRoot } from "./find-root.js";
import { readInitFile } from "./init-file.js";
import { placeBelowRoot } from "./place-below-root.js";

/** Everything that the program is started with. */
export interface CommandLine {
  readonly launch: LaunchValues;
  /** The one line to run; undefined when lines are to be read. */
  readonly line?: string;
  /** The initialization file that was read. */
  readonly initFile?: string;
  /** Sentences to show at the start. */
  readonly notices: readonly string[];
}

/** Where a command line is read. */
export interface Whereabouts {
  readonly environment: NodeJS.ProcessEnv;
  /** The user's folder. */
  readonly home: string;
}

/**
 * Reads the command line, then the initialization file of the root that it or the environment names. What the command line says replaces
 * what the file says.
 *
 * @param argv without interpreter and script
 * @returns "help" or "version" when only that was asked for; nothing else is looked at then
 * @throws DreamError usage/launch, usage/not-available; file/* for the root and for files that are named
 */
export async function readCommandLine(
  argv: readonly string[],
  { environment, home }: Whereabouts,
): Promise<CommandLine | "help" | "version"> {
  const { launchWords, line } = splitCommandLine(await includeFiles(argv));
  const given = parseLaunch(launchWords);
  if (given.help) return "help";
  if (given.version) return "version";
  const found = findRoot(given.rootDir, environment, home);
  const init = await readInitFile(found, home);
  const settled = settleLaunch(given, init?.values);
  // A file in the user's own folder may name the root, too.
  const named = given.rootDir === undefined ? init?.values.rootDir : undefined;
  const root = named === undefined ? found : existingRoot(named, `--root_dir in ${init?.path}`);
  const { launch, notices } = root === undefined ? { launch: settled.launch, notices: [] } : placeBelowRoot(settled.launch, root);
  if (line !== undefined) checkLine(line, launch);
  return { launch, line, initFile: init?.path, notices: [...(init?.notices ?? []), ...settled.notices, ...notices] };
}

/** What is wrong with the prompt's switches is told before a model is loaded. */
function checkLine(line: string, launch: LaunchValues): void {
  if (launch.fromFile !== undefined) throw usageError("launch", "a prompt and --from_file exclude each other; leave one out");
  if (line.startsWith("!")) return;
  try {
    for (const one of expandSweeps(line).lines) resolveLine(parseLine(one.line), launch, { width: 512, height: 512 });
  } catch (error) {
    throw error instanceof DreamError && error.code !== "usage/not-available" ? usageError("launch", error.message) : error;
  }
}
