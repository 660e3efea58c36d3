import { DreamError } from "../../errors.js";
import type { Command } from "./command.js";

export const triggers: Command = {
  name: "!triggers",
  prefix: "!trigger",
  usage: "!triggers",
  help: "lists the words that embeddings add; not available yet",
  async run() {
    throw new DreamError("usage/not-available", "not available yet: textual inversion, so that no prompt has trigger words");
  },
};
