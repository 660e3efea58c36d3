import { editRegistry } from "../../lib/models/registry/edit-registry.js";

/* A program of its own for tests: adds entries PREFIX-0 … to a registry. Arguments: file, prefix, count. */

const [path = "", prefix = "", count = "0"] = process.argv.slice(2);
for (let index = 0; index < Number(count); index++) {
  await editRegistry(path, (draft) => draft.add(`${prefix}-${index}`, { path: `${prefix}/${index}` }));
}
