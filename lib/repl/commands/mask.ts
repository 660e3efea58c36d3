import { DreamError } from "../../errors.js";
import type { Command } from "./command.js";

export const mask: Command = {
  name: "!mask",
  prefix: "!mask",
  usage: "!mask FILE -tm TEXT [LIMIT]",
  help: "shows what a text masks in a picture; not available yet",
  async run() {
    throw new DreamError("usage/not-available", "not available yet: text masks");
  },
};
