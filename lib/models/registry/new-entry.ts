import { checkRegistryWritable, editRegistry, pathForRegistry } from "./edit-registry.js";
import type { Registry, ToolEntry } from "./registry.js";
import type { EntryValues } from "./registry-draft.js";
import type { ProbedModel } from "./scan-models.js";

/** What is registered about a model or tool beside what its files say. */
export interface NewEntry {
  readonly name: string;
  readonly description: string;
  readonly isDefault?: boolean;
}

/**
 * Registers a model that was probed.
 *
 * @param registry absolute path of the YAML file
 * @throws DreamError usage/line when the name is taken, and what `editRegistry` throws
 */
export async function registerModel(registry: string, model: ProbedModel, { name, description, isDefault }: NewEntry): Promise<Registry> {
  await checkRegistryWritable(registry);
  const path = await pathForRegistry(registry, model.path);
  return editRegistry(registry, (draft) => {
    draft.add(name, entryOf(model, path, description));
    if (isDefault) draft.makeDefault(name);
  });
}

/**
 * Registers what works on pictures without being a model.
 *
 * @param registry absolute path of the YAML file
 * @throws as `registerModel`
 */
export async function registerTool(
  registry: string,
  { kind, type, path: file }: Pick<ToolEntry, "kind" | "type" | "path">,
  { name, description, isDefault }: NewEntry,
): Promise<Registry> {
  await checkRegistryWritable(registry);
  const path = await pathForRegistry(registry, file);
  return editRegistry(registry, (draft) => {
    draft.add(name, type === undefined ? { kind, description, path } : { kind, type, description, path });
    if (isDefault) draft.makeDefault(name);
  });
}

/** In the spelling of invoke.py, which reads these entries, too. */
function entryOf({ layout, width, height }: ProbedModel, path: string, description: string): EntryValues {
  if (layout === "checkpoint") return { description, format: "ckpt", weights: path, width, height };
  return { description, format: layout, path };
}
