import { DreamError } from "../../errors.js";
import { parseLine } from "../../options/read.js";
import type { Command } from "./command.js";
import { embiggenPicture, embiggens } from "./embiggen-picture.js";
import { sourceOf } from "./fix-source.js";
import { locateFile } from "./locate-file.js";
import { mendPicture } from "./mend-picture.js";
import { paintBeyond, paintsBeyond } from "./paint-beyond.js";
import { type FixPlan, planFix } from "./plan-fix.js";
import { readNamedPicture } from "./read-named-picture.js";

export const fix: Command = {
  name: "!fix",
  prefix: "!fix",
  usage:
    "!fix FILE -U FACTOR [SHARE]\n!fix FILE -G SHARE [-ft gfpgan|codeformer [-cf SHARE]]\n" +
    "!fix FILE --embiggen FACTOR [SHARE [OVERLAP]] [--embiggen_tiles NUMBER ...] [--embiggen_strength SHARE]\n" +
    "!fix FILE -c SIDE PIXELS ... [--new_prompt TEXT]\n!fix FILE -D SIDE [PIXELS] [--new_prompt TEXT]",
  help: "enlarges a finished picture, restores its faces or paints beyond its border",
  details:
    "-U enlarges with the registered upscaler, else with the Lanczos filter, mixed with a softer enlargement when SHARE is below 1 (0.75 when\n" +
    "absent). -G restores faces with the registered networks, after -U where both are given; SHARE is how much of the result is restored. -c\n" +
    "extends the picture at some sides (top, left, bottom, right) by PIXELS, rounded up to multiples of 64, and paints what is new; -D keeps\n" +
    "its size, moves it away from SIDE by PIXELS (half of it when absent) and paints what gets free. --embiggen enlarges the picture and\n" +
    "draws it again in tiles of -W and -H, with a new seed. These three use the model in use and the picture's prompt, or that of\n" +
    "--new_prompt. Of several tools the first one of -G, --embiggen, -U, -D and -c counts; -G and -U go together. A name without a folder is\n" +
    "looked for in the folder of pictures, then in the working directory. The picture stays as it is; the new one carries its command and\n" +
    "what was done. -o and -z say where and how it is written, -S names it.",
  async run(argument, desk) {
    const line = parseLine(argument);
    if (line.help) return desk.runLine("!help !fix");
    if (line.prompt === "") throw new DreamError("usage/line", "please name a picture: !fix FILE -U 2");
    const redraw = embiggens(line) ? embiggenPicture : paintsBeyond(line) ? paintBeyond : undefined;
    const plan = redraw === undefined ? planFix(line) : undefined;
    for (const notice of plan?.notices ?? []) desk.say(`>> ${notice}`);
    const path = locateFile(line.prompt, [desk.outdir, "."]);
    desk.say(`>> fixing ${path}`);
    const source = sourceOf(await readNamedPicture(path, line.prompt), line.seed);
    desk.say(`>> retrieved seed ${source.seed} and prompt "${source.prompt}"`);
    return redraw === undefined ? mendPicture(source, plan as FixPlan, line, desk) : redraw(source, line, desk);
  },
};
