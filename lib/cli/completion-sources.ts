import { resolve } from "node:path";
import { listLoras } from "../adapters/find-lora.js";
import { loraFolders } from "../adapters/lora-folders.js";
import { DEFAULT_OUTDIR } from "../options/resolve.js";
import { type LaunchValues, switchesAt } from "../options/table.js";
import { COMMANDS, findCommand } from "../repl/commands/table.js";
import { fileStems } from "../repl/completion/file-stems.js";
import { readFolder } from "../repl/completion/read-folder.js";
import type { CompletionSources } from "../repl/completion/sources.js";
import type { ModelCatalogue } from "../repl/model-catalogue.js";

/** What embeddings are stored in; a stem is the trigger of a file that names none itself. */
const EMBEDDINGS = [".pt", ".bin", ".safetensors"];

/** What Tab offers in a session that was started with `launch`. */
export function completionSources(launch: LaunchValues, catalogue: ModelCatalogue, seeds: () => readonly number[]): CompletionSources {
  const root = resolve(launch.rootDir ?? "");
  return {
    outdir: launch.outdir || DEFAULT_OUTDIR,
    switches: switchesAt("line"),
    // `!N` stands for a number and is none of its own.
    commands: COMMANDS.map(({ name }) => name).filter((name) => findCommand(name)?.name === name),
    seeds,
    triggers: () => fileStems(resolve(root, launch.embeddingDirectory ?? "embeddings"), EMBEDDINGS),
    loras: () => listLoras(loraFolders(launch)),
    models: async () => [...(await catalogue.read()).entries.values()],
    readFolder,
  };
}
