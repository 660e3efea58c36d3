import { DreamError } from "../../errors.js";
import { readLogLine } from "../../images/metadata/read-log.js";
import { readBoundedText } from "../../json-file.js";
import type { Command, Desk } from "./command.js";
import { locateOnly } from "./locate-file.js";
import { runLines } from "./run-lines.js";
import { findCommand } from "./table.js";

/** More than anybody's log of a year. */
const LARGEST_FILE = 16 * 1024 * 1024;

export const replay: Command = {
  name: "!replay",
  prefix: "!replay",
  usage: "!replay FILE",
  help: "runs the lines of a file as if they had been typed",
  details:
    "A name without a folder is looked for in the working directory, then in the folder of pictures. Logs and the files that !fetch writes\n" +
    "are understood. A line that fails does not stop the others; Ctrl-C stops them all.",
  async run(argument, desk) {
    if (argument === "") throw new DreamError("usage/line", "please name a file of lines: !replay FILE");
    const lines = await readLines(locateOnly(argument, [".", desk.outdir]));
    return runLines(lines, desk, (line) => !isReplay(line, desk));
  },
};

function isReplay(line: string, desk: Desk): boolean {
  if (!line.startsWith("!") || findCommand(line) !== replay) return false;
  desk.say(">> !replay is ignored inside a file that is being replayed");
  return true;
}

/** The lines that do something; of a log the commands. @throws DreamError file/not-found, file/unreadable */
async function readLines(path: string): Promise<string[]> {
  const text = await readBoundedText(path, LARGEST_FILE, "file/unreadable");
  // A byte that is no UTF-8 was read as U+FFFD.
  if (/[\0\ufffd]/.test(text)) throw new DreamError("file/unreadable", `${path} is no text in UTF-8`);
  const typed = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const lines = typed.map((line) => (readLogLine(line) ?? line).trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("//"));
}
