/** A program of its own: edits a registry again and again, and says every edit that is done. */
import { writeSync } from "node:fs";
import { editRegistry } from "../../lib/models/registry/edit-registry.js";

const [path = "", who = "", count = "0"] = process.argv.slice(2);

for (let number = 1; number <= Number(count); number++) {
  const description = `${who} ${number}`;
  await editRegistry(path, (draft) => draft.change("one", { description }));
  // At once, for the next moment may be the last.
  writeSync(1, `${description}\n`);
}
