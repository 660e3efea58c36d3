import { listLoras } from "../adapters/find-lora.js";
import { loraFolders } from "../adapters/lora-folders.js";
import { DEFAULT_OUTDIR } from "../options/resolve.js";
import { type LaunchValues, switchesAt } from "../options/table.js";
import { COMMANDS, findCommand } from "../repl/commands/table.js";
import { readFolder } from "../repl/completion/read-folder.js";
import type { CompletionSources } from "../repl/completion/sources.js";
import type { ModelCatalogue } from "../repl/model-catalogue.js";

/** What Tab offers of a session that was started with `launch`. */
export function completionSources(
  launch: LaunchValues,
  catalogue: ModelCatalogue,
  { seeds, triggers }: Pick<CompletionSources, "seeds" | "triggers">,
): CompletionSources {
  return {
    outdir: launch.outdir || DEFAULT_OUTDIR,
    switches: switchesAt("line"),
    // `!N` stands for a number and is none of its own.
    commands: COMMANDS.map(({ name }) => name).filter((name) => findCommand(name)?.name === name),
    seeds,
    triggers,
    loras: () => listLoras(loraFolders(launch)),
    models: async () => [...(await catalogue.read()).entries.values()],
    readFolder,
  };
}
