import { join } from "node:path";
import { defaultModel, readRegistry } from "../../lib/models/registry/registry.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** Path of the model that a proof works with: the program's argument, or the registry's default. */
export async function proofModel(): Promise<string> {
  return process.argv[2] ?? defaultModel(await readRegistry(join(PACKAGE_ROOT, "configs", "models.yaml"))).path;
}
