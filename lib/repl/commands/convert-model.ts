import { DreamError } from "../../errors.js";
import type { Command } from "./command.js";
import { readCommandWords } from "./command-words.js";

const convert: Omit<Command, "name" | "prefix" | "usage"> = {
  help: "says why no model needs to be converted here",
  async run(argument, desk) {
    const { thing } = readCommandWords(argument, []);
    if (thing === "") throw new DreamError("usage/line", "please name a model; none needs to be converted here");
    desk.say(`>> ${thing} needs no conversion: checkpoints are read where they lie, as they are`);
    return "done";
  },
};

export const convertModel: Command = {
  ...convert,
  name: "!convert_model",
  prefix: "!convert",
  usage: "!convert_model NAME|PATH",
};

export const optimizeModel: Command = {
  ...convert,
  name: "!optimize_model",
  prefix: "!optimize",
  usage: "!optimize_model NAME|PATH",
  help: "the same as !convert_model",
};
