import { resolve } from "node:path";
import { DreamError } from "../../errors.js";
import { checkRegistryWritable, pathForRegistry, readRegistryDraft } from "../../models/registry/edit-registry.js";
import { MODEL_NAME } from "../../models/registry/registry.js";
import type { EntryValues } from "../../models/registry/registry-draft.js";
import type { Command, Desk } from "./command.js";
import { type CommandWords, commandSwitch, readCommandWords, textOf } from "./command-words.js";
import { askText, askYesNo } from "./dialogue.js";

/** Keys of an entry that are paths. */
const PATHS = ["path", "weights", "config", "vae", "preview_decoder"];
const SWITCHES = [
  commandSwitch("name", "--name", "text", "another name"),
  commandSwitch("description", "--description", "text", "what !models says about it"),
  ...PATHS.map((key) => commandSwitch(key, `--${key}`, "path", "where it lies")),
  commandSwitch("width", "--width", "int", "usual width in pixels"),
  commandSwitch("height", "--height", "int", "usual height in pixels"),
  commandSwitch("steps", "--steps", "int", "usual number of steps"),
  commandSwitch("cfg_scale", "--cfg_scale", "float", "usual scale"),
  commandSwitch("sampler", "--sampler", "text", "usual sampler"),
  commandSwitch("default", "--default", "flag", "start with it from now on"),
];
const GIVEN_UP = "Aborting edit. Nothing was changed";

/** What becomes of an entry. */
interface Edit {
  readonly name: string;
  readonly values: EntryValues;
  readonly isDefault: boolean;
}

export const editModel: Command = {
  name: "!edit_model",
  prefix: "!edit",
  usage:
    "!edit_model NAME\n" +
    "!edit_model NAME [--name NAME] [--description TEXT] [--path|--weights|--config|--vae|--preview_decoder PATH] [--default]\n" +
    "!edit_model NAME [--width PIXELS] [--height PIXELS] [--steps COUNT] [--cfg_scale SCALE] [--sampler NAME]",
  help: "changes what the registry says about a model",
  details: "Without switches every text of the entry is asked, with its present value to edit; an empty answer keeps it.",
  async run(argument, desk) {
    const words = readCommandWords(argument, SWITCHES);
    const { catalogue, shelf } = desk;
    const draft = await readRegistryDraft(catalogue.path);
    if (words.thing === "") throw new DreamError("usage/line", "please name a model: !edit_model NAME; !models lists them");
    if (!draft.has(words.thing)) throw new DreamError("usage/line", `Unknown model ${words.thing}`);
    await checkRegistryWritable(catalogue.path);
    const { entries, tools } = await catalogue.read();
    const tool = tools.get(words.thing);
    if (tool !== undefined) {
      const advice = `edit ${catalogue.path} by hand, or !del_model ${tool.name} and !import_model ${tool.path}`;
      throw new DreamError("usage/line", `${tool.name} is no model but of the kind ${tool.kind}: ${advice}`);
    }
    const wasActive = entries.get(words.thing)?.path === shelf.current.request.path && shelf.current.id === words.thing;
    const { name, values, isDefault } = await editFor(words, draft.texts(words.thing), draft.names, desk);
    const edited = await catalogue.edit(name, (fresh) => {
      if (name !== words.thing) fresh.rename(words.thing, name);
      fresh.change(name, values);
      if (isDefault) fresh.makeDefault(name);
    });
    desk.say(">> Model successfully updated");
    if (!wasActive) return "done";
    // Name and preferences count at once; other files are for the user to load, who may be in the middle of something.
    if (shelf.isActive(edited)) await shelf.change(edited);
    else desk.say(`>> !switch ${name} loads it as it is now`);
    return "done";
  },
};

async function editFor(words: CommandWords, texts: ReadonlyMap<string, string>, names: readonly string[], desk: Desk): Promise<Edit> {
  if (Object.keys(words.values).length > 0) return editFromSwitches(words, names, desk);
  if (!desk.interactive) {
    throw new DreamError(
      "usage/line",
      `nobody can be asked here: say what to change, for example !edit_model ${words.thing} --description "…"`,
    );
  }
  return editByAsking(words.thing, texts, names, desk);
}

async function editFromSwitches(words: CommandWords, names: readonly string[], desk: Desk): Promise<Edit> {
  const { name: newName, default: isDefault, ...given } = words.values;
  const name = textOf(words, "name") ?? words.thing;
  const problem = problemWithName(name, words.thing, names);
  if (newName !== undefined && problem !== undefined) throw new DreamError("usage/line", problem);
  const values: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "number") values[key] = value;
    if (typeof value !== "string") continue;
    values[key] = PATHS.includes(key) ? await pathForRegistry(desk.catalogue.path, resolve(value)) : value;
  }
  return { name, values, isDefault: isDefault === true };
}

async function editByAsking(old: string, texts: ReadonlyMap<string, string>, names: readonly string[], desk: Desk): Promise<Edit> {
  desk.say(`>> Editing model ${old} from configuration file ${desk.catalogue.path}`);
  const problemWith = (name: string) => problemWithName(name, old, names);
  const name = await askText(desk, { text: "name", fallback: old, prefilled: true, problemWith }, GIVEN_UP);
  const values: Record<string, string> = {};
  for (const [key, text] of texts) {
    if (key === "format") continue;
    // A line end in the edit buffer would be an answer.
    const shown = text.replaceAll(/\s+/g, " ").trim();
    const answer = await askText(desk, { text: key, fallback: shown, prefilled: true }, GIVEN_UP);
    if (answer !== shown) values[key] = answer;
  }
  if (!texts.has("vae")) {
    const vae = await askText(desk, { text: "vae", fallback: "", prefilled: true }, GIVEN_UP);
    if (vae !== "") values.vae = vae;
  }
  return { name, values, isDefault: await askYesNo(desk, "Make this the default model?", false, GIVEN_UP) };
}

function problemWithName(name: string, old: string, names: readonly string[]): string | undefined {
  if (name === old) return undefined;
  if (!MODEL_NAME.test(name)) return `${JSON.stringify(name)} is no name: letters, digits and . _ + : / - only`;
  return names.includes(name) ? `there is already a model named ${name}; choose another name` : undefined;
}
