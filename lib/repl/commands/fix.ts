import { DreamError } from "../../errors.js";
import { prepareOutputFolder } from "../../images/names/output-folder.js";
import { decodePicture } from "../../images/pixels/decode-picture.js";
import { type ParsedLine, parseLine } from "../../options/read.js";
import { Enlarger } from "../studio/enlarger.js";
import type { Command, Desk, LineResult } from "./command.js";
import { fixCommand, type Source, sourceOf } from "./fix-source.js";
import { keepFixed } from "./keep-fixed.js";
import { locateFile } from "./locate-file.js";
import { paintBeyond, paintsBeyond } from "./paint-beyond.js";
import { type FixPlan, planFix } from "./plan-fix.js";
import { readNamedPicture } from "./read-named-picture.js";

export const fix: Command = {
  name: "!fix",
  prefix: "!fix",
  usage:
    "!fix FILE -U FACTOR [SHARE]\n!fix FILE -G SHARE [-ft gfpgan|codeformer]\n" +
    "!fix FILE -c SIDE PIXELS ... [--new_prompt TEXT]\n!fix FILE -D SIDE [PIXELS] [--new_prompt TEXT]",
  help: "enlarges a finished picture or paints beyond its border; mending faces is not available yet",
  details:
    "-U enlarges with the registered upscaler, else with the Lanczos filter, mixed with a softer enlargement when SHARE is below 1 (0.75 when\n" +
    "absent). -G needs a face model, and none can be installed yet. -c extends the picture at some sides (top, left, bottom, right) by PIXELS,\n" +
    "rounded up to multiples of 64, and paints what is new; -D keeps its size, moves it away from SIDE by PIXELS (half of it when absent) and\n" +
    "paints what gets free. Both use the model in use and the picture's prompt, or that of --new_prompt. A name without a folder is looked for\n" +
    "in the folder of pictures, then in the working directory. The picture stays as it is; the new one carries its command and what was\n" +
    "done. -o and -z say where and how it is written, -S names it.",
  async run(argument, desk) {
    const line = parseLine(argument);
    if (line.help) return desk.runLine("!help !fix");
    if (line.prompt === "") throw new DreamError("usage/line", "please name a picture: !fix FILE -U 2");
    const plan = paintsBeyond(line) ? undefined : planFix(line);
    for (const notice of plan?.notices ?? []) desk.say(`>> ${notice}`);
    const path = locateFile(line.prompt, [desk.outdir, "."]);
    desk.say(`>> fixing ${path}`);
    const source = sourceOf(await readNamedPicture(path, line.prompt), line.seed);
    desk.say(`>> retrieved seed ${source.seed} and prompt "${source.prompt}"`);
    return plan === undefined ? paintBeyond(source, line, desk) : upscale(source, plan, line, desk);
  },
};

async function upscale(source: Source, plan: FixPlan, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const { file, seed } = source;
  const { factor, strength } = plan;
  const started = performance.now();
  await prepareOutputFolder(line.outdir || desk.outdir);
  const enlarger = await Enlarger.choose(desk);
  if (enlarger === undefined) {
    throw new DreamError("usage/line", "ESRGAN is disabled. Image not upscaled: the program was started with --no_upscale");
  }
  const picture = await decodePicture(file.bytes, file.path);
  for (const note of picture.notes) desk.say(`>> ${note}`);
  for (const problem of plan.problems) desk.emit({ type: "problem", text: `** ${problem}` });
  // The engine does one thing at a time, and the first model may still be loading. Whether it can be loaded does not matter here.
  await desk.shelf.active().catch(() => undefined);
  const enlarged = await enlarger.enlarge(picture, [factor, strength], seed);
  const dreamCommand = fixCommand(source, { upscale: [factor, strength] });
  await keepFixed({ picture: enlarged, source, step: { tool: "upscale", dreamCommand, method: enlarger.method }, started }, line, desk);
  return plan.problems.length === 0 ? "done" : "failed";
}
