import { DreamError } from "../../errors.js";
import type { Command } from "./command.js";
import { COMMANDS, findCommand } from "./table.js";

const COLUMN = 30;

export const help: Command = {
  name: "!help",
  prefix: "!help",
  usage: "!help [COMMAND]",
  help: "lists the commands, or explains one",
  async run(name, desk) {
    if (name === "") {
      desk.say(["Commands:", ...COMMANDS.map(overview), "", "-h lists the switches of a prompt line, q leaves"].join("\n"));
      return "done";
    }
    const command = findCommand(name.startsWith("!") ? name : `!${name}`);
    if (!command) throw new DreamError("usage/line", `there is no command ${name}; !help lists them`);
    desk.say([`usage: ${command.usage.replaceAll("\n", "\n       ")}`, `${command.help}.`, command.details ?? []].flat().join("\n"));
    return "done";
  },
};

/** The explanation stands beside the last form, or below it where that is too long. */
function overview({ usage, help: text }: Command): string {
  const forms = usage.split("\n").map((form) => `  ${form}`);
  const last = forms.pop() as string;
  const beside = last.length < COLUMN ? [last.padEnd(COLUMN) + text] : [last, " ".repeat(COLUMN) + text];
  return [...forms, ...beside].join("\n");
}
