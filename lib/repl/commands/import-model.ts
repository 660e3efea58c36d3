import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DreamError } from "../../errors.js";
import { expandHome } from "../../home-folder.js";
import { recogniseTool } from "../../models/recognise-tool.js";
import { importedDescription } from "../../models/registry/autoimport.js";
import { checkRegistryWritable } from "../../models/registry/edit-registry.js";
import { registerModel, registerTool } from "../../models/registry/new-entry.js";
import { MODEL_NAME, type Registry, type ToolEntry } from "../../models/registry/registry.js";
import { isModelFolder, modelStem, type ProbedModel, probeModel, type Scan, scanModels } from "../../models/registry/scan-models.js";
import type { Command, Desk, LineResult } from "./command.js";
import { type CommandWords, commandSwitch, readCommandWords, textOf } from "./command-words.js";
import { askText, askYesNo } from "./dialogue.js";

const SWITCHES = [
  commandSwitch("name", "--name", "text", "name in the registry"),
  commandSwitch("description", "--description", "text", "what !models says about it"),
  commandSwitch("default", "--default", "flag", "start with it from now on"),
];
const GIVEN_UP = "Aborting import.";

export const importModel: Command = {
  name: "!import_model",
  prefix: "!import",
  usage: "!import_model PATH [--name NAME] [--description TEXT] [--default]",
  help: "adds a model, or all models in a folder, to the registry",
  details:
    "PATH is a .safetensors or .ckpt checkpoint, a diffusers folder, a folder of ONNX graphs, or a folder to search. Each model is loaded once to see\n" +
    "that it works; nothing is copied or converted. What the switches leave open is asked, where somebody can answer. Upscalers, CLIPSeg\n" +
    "folders (text masks), NSFW checkers and exported networks that find or restore faces (.onnx) are recognised, too; they get their kind, and\n" +
    "--default counts within it.",
  async run(argument, desk) {
    const words = readCommandWords(argument, SWITCHES);
    if (words.thing === "") {
      throw new DreamError(
        "usage/line",
        "please provide (1) a .safetensors or .ckpt file, (2) a model folder or (3) a folder to search: !import_model PATH",
      );
    }
    const path = localPath(words.thing);
    // Nobody should answer questions for nothing.
    await checkRegistryWritable(desk.catalogue.path);
    desk.say(`>> Probing ${words.thing} for import`);
    const tool = await recogniseTool(path);
    if (tool !== undefined) return importTool({ ...tool, path }, words, desk);
    const { models, skipped, registered } = await modelsAt(path, await desk.catalogue.read());
    for (const sentence of [...registered, ...skipped]) desk.say(`>> not imported: ${sentence}`);
    const several = models.length > 1;
    if (several && (textOf(words, "name") !== undefined || words.values.default === true)) {
      throw new DreamError(
        "usage/line",
        `--name and --default are for one model, and ${path} holds ${models.length}; give the path of one`,
      );
    }
    if (models.length === 0) desk.say(`>> no new model found in ${path}`);
    return importAll(models, words, desk);
  },
};

/** @throws DreamError usage/line for what is not on this computer, model/not-found */
function localPath(thing: string): string {
  const path = resolve(expandHome(thing));
  if (existsSync(path)) return path;
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(thing) || /^[\w.+-]+\/[\w.+-]+$/.test(thing)) {
    const what = thing.includes("://") ? "addresses" : "there is no such file, and repositories";
    throw new DreamError(
      "usage/line",
      `${what} on the network are not available: this program downloads nothing; fetch ${thing} first, then give its path`,
    );
  }
  throw new DreamError("model/not-found", `there is no model at ${path}`);
}

/** One model, which must be one that works and is new, or whatever a folder holds. */
async function modelsAt(path: string, registry: Registry): Promise<Scan> {
  const isOne = !(await stat(path)).isDirectory() || isModelFolder(path);
  if (!isOne) return scanModels(path, registry);
  checkIsNew(path, registry);
  return { models: [await probeModel(path)], skipped: [], registered: [] };
}

/** @throws DreamError usage/line when the path is registered already */
function checkIsNew(path: string, { entries, tools }: Registry): void {
  const known = [...entries.values(), ...tools.values()].find((entry) => entry.path === path);
  if (known !== undefined) throw new DreamError("usage/line", `${path} is already registered as ${known.name}`);
}

/** Registers what is used beside the model in use, which stays loaded. */
async function importTool(tool: Pick<ToolEntry, "kind" | "type" | "path">, words: CommandWords, desk: Desk): Promise<LineResult> {
  const registry = await desk.catalogue.read();
  checkIsNew(tool.path, registry);
  const name = await nameFor(tool.path, words, registry, desk);
  const description = await descriptionFor(name, words, desk);
  await registerTool(desk.catalogue.path, tool, { name, description, isDefault: words.values.default === true });
  desk.say(`>> ${name} successfully installed (${tool.type ?? tool.kind})`);
  return "done";
}

/** Imports one model after the other; at the end the model that was in use is in use again, unless the user wants to keep the new one. */
async function importAll(models: readonly ProbedModel[], words: CommandWords, desk: Desk): Promise<LineResult> {
  const before = desk.shelf.current;
  let failures = 0;
  let keep = false;
  try {
    for (const model of models) {
      const imported = await importOne(model, words, models.length > 1, desk);
      if (imported === "failed") failures++;
      else keep = imported === "keep";
      if (desk.stopped()) break;
    }
  } finally {
    if (!keep) await desk.shelf.change(before);
  }
  return failures === 0 ? "done" : "failed";
}

async function importOne(
  model: ProbedModel,
  words: CommandWords,
  isOneOfMany: boolean,
  desk: Desk,
): Promise<"keep" | "imported" | "failed"> {
  const { catalogue, shelf, interactive } = desk;
  if (isOneOfMany) desk.say(`>> ${model.path}: ${model.family}, ${model.width}x${model.height}`);
  const registry = await catalogue.read();
  const name = await nameFor(model.path, words, registry, desk);
  const description = await descriptionFor(name, words, desk);
  // Under its name from now on, but as its files are: no entry says anything about it yet.
  const candidate = { ...catalogue.sessionModel(registry, { name, path: model.path }), id: name };
  try {
    await shelf.change(candidate);
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    desk.emit({ type: "problem", text: `** model ${name} could not be loaded: ${error.sentence}` });
    desk.emit({ type: "problem", text: "** model failed to load. Discarding configuration entry" });
    return "failed";
  }
  const asks = interactive && !isOneOfMany;
  const keep = asks && (await askYesNo(desk, "Keep model loaded?", true, GIVEN_UP));
  const isDefault =
    words.values.default === true ||
    (asks && (await askYesNo(desk, "Make this the default model?", registry.entries.size === 0, GIVEN_UP)));
  await registerModel(catalogue.path, model, { name, description, isDefault });
  desk.say(`>> ${name} successfully installed`);
  if (!keep) return "imported";
  // As the entry has it from now on.
  await shelf.change(await catalogue.find(name));
  await catalogue.remember(name);
  return "keep";
}

/** From the switch, from the keyboard, or the file's own. @throws DreamError usage/line */
async function nameFor(path: string, words: CommandWords, { names }: Registry, desk: Desk): Promise<string> {
  const problemWith = (name: string) => {
    if (!MODEL_NAME.test(name)) return `${JSON.stringify(name)} is no name: letters, digits and . _ + : / - only`;
    return names.includes(name) ? `there is already a model named ${name}; choose another name` : undefined;
  };
  const given = textOf(words, "name");
  const stem = modelStem(path);
  if (given === undefined && desk.interactive) {
    return askText(desk, { text: "Short name for this model", fallback: stem, problemWith }, GIVEN_UP);
  }
  const problem = problemWith(given ?? stem);
  if (problem !== undefined) throw new DreamError("usage/line", given === undefined ? `${problem} with --name` : problem);
  return given ?? stem;
}

async function descriptionFor(name: string, words: CommandWords, desk: Desk): Promise<string> {
  const given = textOf(words, "description");
  if (given !== undefined) return given;
  const fallback = importedDescription(name);
  return desk.interactive ? askText(desk, { text: "Description for this model", fallback }, GIVEN_UP) : fallback;
}
