import { DreamError } from "../../errors.js";
import type { Command } from "./command.js";

export const dream: Command = {
  name: "!dream",
  prefix: "!dream",
  usage: "!dream PROMPT [switches]",
  help: "the same as the prompt alone",
  async run(prompt, desk) {
    if (prompt.startsWith("!")) throw new DreamError("usage/line", "!dream takes a prompt, not another command");
    return desk.runLine(prompt);
  },
};
