import { chmodSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { autoimport } from "../../../lib/models/registry/autoimport.js";
import { readRegistry } from "../../../lib/models/registry/registry.js";
import { MINIATURES } from "../../oracles/read-oracle.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();

function places(): { folder: string; registry: string } {
  const folder = mkdtempSync(join(root, "case-"));
  const registry = join(folder, "models.yaml");
  writeFileSync(registry, "# mine\n");
  cpSync(join(MINIATURES, "sd1"), join(folder, "new", "mini"), { recursive: true });
  writeFileSync(join(folder, "new", "old.ckpt"), "x");
  return { folder: join(folder, "new"), registry };
}

test("new models are registered and told, once", async () => {
  const { folder, registry } = places();
  const skipped = `not imported: ${join(folder, "old.ckpt")} is no file of tensors by torch`;
  expect(await autoimport(folder, registry)).toEqual([`mini successfully installed (SD 1.x, ${join(folder, "mini")})`, skipped]);
  expect((await readRegistry(registry)).entries.get("mini")?.description).toBe("Imported model mini");
  const before = readFileSync(registry, "utf8");
  expect(await autoimport(folder, registry)).toEqual([skipped]);
  expect(readFileSync(registry, "utf8")).toBe(before);
});

test("a folder that is not there is told and ends nothing", async () => {
  const { registry } = places();
  expect(await autoimport("/nowhere", registry)).toEqual([
    "nothing more is imported from /nowhere: /nowhere does not exist; check the path",
  ]);
});

test("a registry that may not be written is told and ends nothing", async () => {
  const { folder, registry } = places();
  chmodSync(registry, 0o444);
  expect(await autoimport(folder, registry)).toEqual([expect.stringContaining("cannot be written: the file is read-only")]);
});
