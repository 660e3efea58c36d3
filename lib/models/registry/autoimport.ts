import { DreamError } from "../../errors.js";
import { registerModel } from "./new-entry.js";
import { readRegistry } from "./registry.js";
import { modelStem, scanModels } from "./scan-models.js";

/**
 * Registers the models in a folder that the registry does not have yet, under the names of their files. Their headers are checked; they
 * are not loaded. Nothing that goes wrong here ends the program.
 *
 * @param folder absolute
 * @param registry absolute path of the YAML file
 * @returns a sentence for every file that was looked at and is news
 */
export async function autoimport(folder: string, registry: string): Promise<string[]> {
  const said: string[] = [];
  try {
    const { models, skipped } = await scanModels(folder, await readRegistry(registry));
    for (const model of models) {
      const name = modelStem(model.path);
      await registerModel(registry, model, { name, description: importedDescription(name) });
      said.push(`${name} successfully installed (${model.family}, ${model.path})`);
    }
    // What is registered already is no news at every start.
    said.push(...skipped.map((sentence) => `not imported: ${sentence}`));
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    said.push(`nothing more is imported from ${folder}: ${error.sentence}`);
  }
  return said;
}

/** What an entry says when nobody says anything better. */
export function importedDescription(name: string): string {
  return `Imported model ${name}`;
}
