import { DreamError } from "../../errors.js";
import { ASKED_ABOVE } from "../templates/limits.js";
import { announceTemplate, readTemplate } from "../templates/read-template.js";
import type { Command } from "./command.js";
import { askYesNo } from "./dialogue.js";
import { locateOnly } from "./locate-file.js";
import { runLines } from "./run-lines.js";

export const dynamic: Command = {
  name: "!dynamic",
  prefix: "!dynamic",
  usage: "!dynamic FILE",
  help: "runs every line that a template stands for",
  details:
    "FILE is YAML or JSON as InvokeAI's invokeai-dynamic-prompts reads it: prompt:, model:, seed:, sampler:, cfg:, steps:, dimensions: and so on,\n" +
    "each with a value, a list, or a range START;STOP;STEP. A name without a folder is looked for in the working directory, then in the folder\n" +
    `of pictures. More than ${ASKED_ABOVE} lines are run only when you say so; Ctrl-C stops them all.`,
  async run(argument, desk) {
    if (argument === "") throw new DreamError("usage/line", "please name a template: !dynamic FILE");
    const path = locateOnly(argument, [".", desk.outdir]);
    const template = await readTemplate(path);
    for (const text of announceTemplate(path, template)) desk.say(text);
    const { lines } = template;
    if (lines.length > ASKED_ABOVE && desk.interactive) {
      const wanted = await askYesNo(desk, "Run them all?", false, "nothing was run");
      if (!wanted) return "done";
    }
    return runLines(lines, desk);
  },
};
