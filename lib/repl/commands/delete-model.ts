import { dirname, join } from "node:path";
import { DreamError } from "../../errors.js";
import { type Deletion, planDeletion } from "../../models/registry/delete-model-files.js";
import { checkRegistryWritable } from "../../models/registry/edit-registry.js";
import type { Registry } from "../../models/registry/registry.js";
import type { Command, Desk } from "./command.js";
import { type CommandWords, commandSwitch, readCommandWords } from "./command-words.js";
import { askYesNo } from "./dialogue.js";

const SWITCHES = [
  commandSwitch("yes", "--yes", "flag", "ask nothing"),
  commandSwitch("deleteFiles", "--delete_files", "flag", "delete its files, too"),
];
const GIVEN_UP = "Aborting. Nothing was deleted";

export const deleteModel: Command = {
  name: "!del_model",
  prefix: "!del",
  usage: "!del_model NAME [--yes] [--delete_files]",
  help: "takes a model out of the registry",
  details:
    "Files are deleted only when that is asked for, and only a single checkpoint or a diffusers folder that lies in the folder models of the\n" +
    "registry or the root and that no other entry uses.",
  async run(argument, desk) {
    const words = readCommandWords(argument, SWITCHES);
    const name = words.thing;
    const { catalogue, shelf } = desk;
    const registry = await catalogue.read();
    if (name === "") throw new DreamError("usage/line", "please name a model: !del_model NAME; !models lists them");
    if (!registry.names.includes(name)) throw new DreamError("usage/line", `Unknown model ${name}`);
    if (name === shelf.current.id) {
      throw new DreamError("usage/line", "Can't delete active model. !switch to another model first. **");
    }
    await checkRegistryWritable(catalogue.path);
    if (!(await isConfirmed(words, desk))) return "done";
    const deletion = await deletionFor(words, registry, desk);
    await catalogue.remove(name);
    desk.say(`** ${name} deleted`);
    await deletion?.run();
    if (deletion) desk.say(`>> deleted ${deletion.what}`);
    return "done";
  },
};

async function isConfirmed(words: CommandWords, desk: Desk): Promise<boolean> {
  if (words.values.yes === true) return true;
  if (!desk.interactive) throw new DreamError("usage/line", `nobody can be asked here: !del_model ${words.thing} --yes removes it`);
  return askYesNo(desk, `Remove '${words.thing}' from the list of models?`, true, GIVEN_UP);
}

/** What of its files goes; nothing unless that was asked for. @throws DreamError when it was asked for by a switch and cannot be */
async function deletionFor(words: CommandWords, registry: Registry, desk: Desk): Promise<Deletion | undefined> {
  const entry = registry.entries.get(words.thing);
  const asked = words.values.deleteFiles === true;
  if (entry === undefined && asked) {
    throw new DreamError("usage/line", `the files of ${words.thing} stay, for it is no model to draw with; leave out --delete_files`);
  }
  if (entry === undefined || (!asked && (words.values.yes === true || !desk.interactive))) return undefined;
  if (desk.shelf.current.request.path === entry.path) {
    if (asked) throw new DreamError("usage/line", `the files of ${entry.name} stay: they are in use; !switch to another model first`);
    return undefined;
  }
  const places = [dirname(desk.catalogue.path), desk.catalogue.root ?? []].flat().map((folder) => join(folder, "models"));
  let deletion: Deletion;
  try {
    deletion = await planDeletion(entry, registry, [...new Set(places)]);
  } catch (error) {
    if (asked || !(error instanceof DreamError)) throw error;
    desk.say(`>> ${error.message}`);
    return undefined;
  }
  if (asked) return deletion;
  return (await askYesNo(desk, `Delete ${deletion.what} from the disk?`, false, GIVEN_UP)) ? deletion : undefined;
}
