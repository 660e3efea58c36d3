import { existsSync } from "node:fs";
import { DreamError } from "../../errors.js";
import { collectCommands, commandsText } from "../../images/metadata/collect-commands.js";
import { writeCommandsFile } from "../../images/metadata/commands-file.js";
import { prepareOutputFolder } from "../../images/names/output-folder.js";
import { isRecordedLine } from "../../options/recorded-line.js";
import { shellWords } from "../../options/shell-words.js";
import type { Command, Desk } from "./command.js";
import { locateFile } from "./locate-file.js";
import { commandInside, readNamedPicture } from "./read-named-picture.js";

const USAGE =
  "please name a picture: !fetch FILE; or pictures and a file for their commands: !fetch PATTERN FILE; names with blanks go into quotation marks";

export const fetch: Command = {
  name: "!fetch",
  prefix: "!fetch",
  usage: "!fetch FILE\n!fetch PATTERN FILE",
  help: "puts the command that made a picture into the next prompt, or those of many pictures into a file",
  details:
    "Names without a folder are looked for in the folder of pictures, then in the working directory. PATTERN may hold * ? and [...] in the\n" +
    "name, or be a folder; the file of commands is one that !replay runs. Pictures of dream.py, InvokeAI, AUTOMATIC1111 and Imagine are\n" +
    "understood.",
  async run(argument, desk) {
    if (argument !== "" && existsSync(locateFile(argument, [desk.outdir, "."]))) return fetchOne(argument, desk);
    const [first = "", second, ...more] = shellWords(argument);
    if (first === "" || second === "" || more.length > 0) throw new DreamError("usage/line", USAGE);
    return second === undefined ? fetchOne(first, desk) : fetchMany(first, second, desk);
  },
};

async function fetchOne(name: string, desk: Desk): Promise<"done"> {
  const found = commandInside(await readNamedPicture(locateFile(name, [desk.outdir, "."]), name), name);
  for (const note of found.notes) desk.say(`>> ${note}`);
  if (found.modelId !== undefined && found.modelId !== desk.shelf.current.id) desk.say(`>> made by ${found.modelId}`);
  desk.prefill(asOurs(found.line, desk));
  return "done";
}

/** Where prompts are read in another notation, a line must tell that it is in ours: a recorded one does, also without its model's name. */
function asOurs(line: string, { launch }: Desk): string {
  return launch.promptNotation !== "a1111" || isRecordedLine(line) ? line : `${line} # model_id=`;
}

async function fetchMany(pattern: string, outfile: string, desk: Desk): Promise<"done"> {
  const place = locateFile(pattern, [desk.outdir]);
  const collected = await collectCommands(place);
  for (const { path, problem } of collected) {
    if (problem !== undefined) desk.emit({ type: "problem", text: `** ${path} is left out: ${problem}` });
  }
  const text = commandsText(collected.map((one) => (one.line === undefined ? one : { ...one, line: asOurs(one.line, desk) })));
  if (collected.length === 0) throw new DreamError("file/not-found", `no PNG file fits ${place}; nothing was written`);
  if (text === "")
    throw new DreamError("usage/line", `none of the ${collected.length} pictures that fit ${place} holds a command; nothing was written`);
  const out = locateFile(outfile, [desk.outdir]);
  if (out !== outfile) await prepareOutputFolder(desk.outdir);
  await writeCommandsFile(out, text);
  desk.say(`>> File ${out} with commands created`);
  return "done";
}
