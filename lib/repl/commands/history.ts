import { DreamError } from "../../errors.js";
import type { Command, Desk } from "./command.js";

export const history: Command = {
  name: "!history",
  prefix: "!history",
  usage: "!history",
  help: "lists the lines so far; !N brings one back",
  remembered: false,
  async run(_argument, desk) {
    return list(desk, () => true);
  },
};

export const search: Command = {
  name: "!search",
  prefix: "!search",
  usage: "!search TEXT",
  help: "lists the lines so far that hold the text",
  remembered: false,
  async run(text, desk) {
    return list(desk, (line) => line.includes(text));
  },
};

export const clear: Command = {
  name: "!clear",
  prefix: "!clear",
  usage: "!clear",
  help: "forgets all lines so far, also those on the disk",
  remembered: false,
  async run(_argument, desk) {
    desk.history.clear();
    desk.emit({ type: "history-cleared" });
    return "done";
  },
};

/** `!14`: not in the table of names, because its name is a number. */
export const recall: Command = {
  name: "!N",
  prefix: "!N",
  usage: "!N",
  help: "puts line N of the history into the next prompt",
  remembered: false,
  async run(number, desk) {
    const line = desk.history.lines[Number(number) - 1];
    if (line === undefined) throw new DreamError("usage/line", `the history has no line ${number}; !history lists them`);
    desk.prefill(line);
    return "done";
  },
};

function list(desk: Desk, wanted: (line: string) => boolean): undefined {
  const lines = desk.history.lines.flatMap((line, i) => (wanted(line) ? [`[${i + 1}] ${line}`] : []));
  desk.say(lines.length === 0 ? "<empty history>" : lines.join("\n"));
}
