import type { Command } from "./command.js";

/** Widths of the columns. */
const TRIGGER = 25;
const VECTORS = 10;

export const triggers: Command = {
  name: "!triggers",
  prefix: "!trigger",
  usage: "!triggers",
  help: "lists the words that embeddings add to prompts",
  details:
    "One line for each: the word as it must be written, how many positions of the prompt it takes, its file. Their folder is that of\n" +
    "--embedding_directory, else embeddings below the root, else that of the program; it is looked at again whenever a picture is made.",
  async run(_argument, desk) {
    const { embeddings } = desk.shelf.current.request;
    if (embeddings === undefined) {
      desk.say("embeddings are switched off; start without --no-embeddings");
      return "done";
    }
    const found = await desk.shelf.triggers();
    const lines = [...found].sort((one, other) => (one.trigger.toLowerCase() < other.trigger.toLowerCase() ? -1 : 1)).map(row);
    desk.say(lines.length > 0 ? lines.join("\n") : `no embedding for this model in ${embeddings}`);
    return "done";
  },
};

function row({ trigger, vectors, file }: { readonly trigger: string; readonly vectors: number; readonly file: string }): string {
  const count = `${vectors} ${vectors === 1 ? "vector" : "vectors"}`;
  return `${trigger.padEnd(TRIGGER)} ${count.padStart(VECTORS)}  ${file}`;
}
