import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { planDeletion } from "../../../lib/models/registry/delete-model-files.js";
import { type Registry, readRegistry } from "../../../lib/models/registry/registry.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { MINIATURES } from "../../oracles/read-oracle.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();

let folder: string;
let models: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
  models = join(folder, "models");
  mkdirSync(models);
});

async function registryOf(text: string): Promise<Registry> {
  writeFileSync(join(folder, "models.yaml"), text);
  return readRegistry(join(folder, "models.yaml"));
}

async function plan(text: string, folders: readonly string[] = [models]) {
  const registry = await registryOf(text);
  return planDeletion(registry.entries.get("a")!, registry, folders);
}

const copyMiniature = (name: string) => cpSync(join(MINIATURES, "sd1"), join(models, name), { recursive: true });

test("one checkpoint goes, nothing beside it", async () => {
  for (const name of ["x.safetensors", "x.yaml", "y.safetensors"]) writeFileSync(join(models, name), name);
  const deletion = await plan("a: { path: models/x.safetensors }");
  expect(existsSync(join(models, "x.safetensors"))).toBe(true);
  await deletion.run();
  expect(["x.safetensors", "x.yaml", "y.safetensors"].filter((name) => existsSync(join(models, name)))).toEqual([
    "x.yaml",
    "y.safetensors",
  ]);
});

test("a diffusers folder goes", async () => {
  copyMiniature("x");
  await (await plan("a: { path: models/x }")).run();
  expect(existsSync(join(models, "x"))).toBe(false);
});

const foreign = (name: string) => () => {
  copyMiniature("x");
  mkdirSync(join(models, "x", name, ".."), { recursive: true });
  writeFileSync(join(models, "x", name), "mine");
};

const linkInModel = () => {
  copyMiniature("x");
  symlinkSync("/etc", join(models, "x", "etc.json"));
};

test.each<readonly [string, () => void, string, string]>([
  ["a file elsewhere", () => writeFileSync(join(folder, "x.safetensors"), ""), "a: { path: x.safetensors }", "does not lie in"],
  ["the folder of models itself", () => {}, "a: { path: models }", "does not lie in"],
  ["a way out of it", () => writeFileSync(join(folder, "x.ckpt"), ""), "a: { path: models/../x.ckpt }", "does not lie in"],
  ["a link", () => symlinkSync(MINIATURES, join(models, "x")), "a: { path: models/x }", "is a symbolic link"],
  ["a file below a link", () => symlinkSync(MINIATURES, join(models, "x")), "a: { path: models/x/sd1 }", "does not lie in"],
  ["a file that is no checkpoint", () => writeFileSync(join(models, "x.txt"), ""), "a: { path: models/x.txt }", "is no checkpoint"],
  ["a folder that is no model", () => mkdirSync(join(models, "x")), "a: { path: models/x }", "is no diffusers folder"],
  ["a foreign file", foreign("diary.odt"), "a: { path: models/x }", "diary.odt does not belong to a model"],
  ["a foreign file in a part", foreign("unet/photo.png"), "a: { path: models/x }", "photo.png does not belong to a model"],
  ["a foreign folder", foreign("photos/one.json"), "a: { path: models/x }", "photos does not belong to a model"],
  ["a link in it", linkInModel, "a: { path: models/x }", "etc.json does not"],
  ["files that another entry uses", () => copyMiniature("x"), "a: { path: models/x }\nb: { path: models/x }", "b uses them, too"],
  [
    "files in which another one's preview decoder lies",
    () => copyMiniature("x"),
    "a: { path: models/x }\nb: { path: y, preview_decoder: models/x/preview }",
    "b uses them, too",
  ],
  [
    "a checker that is registered by itself",
    () => copyMiniature("x"),
    "a: { path: models/x }\nguard: { kind: safety_checker, path: models/x/safety_checker }",
    "guard uses them, too",
  ],
  [
    "a VAE that another entry uses",
    () => copyMiniature("x"),
    "a: { path: models/x }\nb: { path: b, vae: models/x/vae }",
    "b uses them, too",
  ],
])("%s stays", async (_, prepare, text, words) => {
  prepare();
  await expect(plan(text)).rejects.toMatchObject({ code: "usage/line", message: expect.stringContaining(words) });
});

test("the model that comes with the program stays", async () => {
  const shipped = join(PACKAGE_ROOT, "configs", "models");
  await expect(plan(`a: { path: ${join(shipped, "crayon")} }`, [shipped])).rejects.toThrow("comes with this program");
});

test("files that are gone already are said to be", async () => {
  await expect(plan("a: { path: models/x }")).rejects.toMatchObject({ code: "file/not-found" });
});
