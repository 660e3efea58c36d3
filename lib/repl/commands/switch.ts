import { DreamError } from "../../errors.js";
import type { SessionModel } from "../model-shelf.js";
import type { Command, Desk } from "./command.js";
import { readCommandWords } from "./command-words.js";

export const switchModel: Command = {
  name: "!switch",
  prefix: "!switch",
  usage: "!switch NAME|PATH",
  help: "changes to another model",
  details: "A model that cannot be loaded changes nothing: the one in use stays. --max_loaded_models keeps several in memory.",
  async run(argument, desk) {
    const { thing } = readCommandWords(argument, []);
    if (thing === "") throw new DreamError("usage/line", "please name a model: !switch NAME; !models lists them");
    const model = await findModel(thing, desk);
    const before = desk.shelf.current;
    try {
      await desk.shelf.change(model);
    } catch (error) {
      if (!(error instanceof DreamError)) throw error;
      desk.emit({ type: "problem", text: `** model ${model.id} could not be loaded: ${error.sentence}` });
      desk.say(`>> ${before.id} stays in use`);
      return "failed";
    }
    const { entries } = await desk.catalogue.read();
    const problem = await desk.catalogue.remember(entries.get(model.id)?.path === model.request.path ? model.id : model.request.path);
    if (problem !== undefined) desk.say(`>> ${problem}`);
    return "done";
  },
};

async function findModel(nameOrPath: string, desk: Desk): Promise<SessionModel> {
  try {
    return await desk.catalogue.find(nameOrPath);
  } catch (error) {
    if (!(error instanceof DreamError) || error.code !== "model/not-found") throw error;
    throw new DreamError("usage/line", `"${nameOrPath}" is not a known model name. Cannot change.`, { cause: error });
  }
}
