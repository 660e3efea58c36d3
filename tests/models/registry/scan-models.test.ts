import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Registry } from "../../../lib/models/registry/registry.js";
import { modelStem, probeModel, scanModels } from "../../../lib/models/registry/scan-models.js";
import { MINIATURES } from "../../oracles/read-oracle.js";
import { safetensorsBytes } from "../../support/safetensors-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();
const fresh = () => mkdtempSync(join(root, "case-"));
const EMPTY: Registry = { path: "models.yaml", names: [], entries: new Map(), tools: new Map(), notices: [] };

function checkpoint(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(MINIATURES, "sd1-fp16.safetensors"), join(folder, `${name}.safetensors`));
  copyFileSync(join(MINIATURES, "sd1.yaml"), join(folder, `${name}.yaml`));
  return join(folder, `${name}.safetensors`);
}

const withTensor = (path: string, key: string) => writeFileSync(path, safetensorsBytes({ [key]: { shape: [1] } }));

test.each([
  ["sd1", "diffusers"],
  ["sd1-fp16.safetensors", "checkpoint"],
])("%s is probed from headers alone", async (name, layout) => {
  const folder = fresh();
  const path = layout === "checkpoint" ? checkpoint(folder, "x") : join(MINIATURES, name);
  expect(await probeModel(path)).toEqual({ path, layout, family: "SD 1.x", width: 64, height: 64 });
});

test("what is no model is skipped with what it is", async () => {
  const folder = fresh();
  withTensor(join(folder, "lora.safetensors"), "lora_unet_mid.lora_down.weight");
  withTensor(join(folder, "vae.safetensors"), "decoder.conv_in.weight");
  withTensor(join(folder, "xl.safetensors"), "conditioner.embedders.0.x");
  withTensor(join(folder, "word.safetensors"), "emb_params");
  writeFileSync(join(folder, "cut.safetensors"), "x");
  writeFileSync(join(folder, "old.ckpt"), "x");
  writeFileSync(join(folder, "readme.txt"), "x");
  const { models, skipped } = await scanModels(folder, EMPTY);
  expect(models).toEqual([]);
  const says = [
    "cut.safetensors",
    "is a LoRA, not",
    "is no file of tensors by torch",
    "is a VAE alone",
    "is a textual-inversion",
    "is an SDXL",
  ];
  expect(skipped).toEqual(says.map((words) => expect.stringContaining(words)));
});

test("parts of diffusers folders, hidden files and what is registered are no news", async () => {
  const folder = fresh();
  for (const name of ["model", "diffusion_pytorch_model", "model.fp16", "diffusion_pytorch_model-00001-of-00002"]) checkpoint(folder, name);
  checkpoint(join(folder, ".hidden"), "secret");
  checkpoint(folder, ".secret");
  const path = checkpoint(folder, "known");
  const entry = { name: "mine", description: "", format: "ckpt", path: "/elsewhere/known.safetensors", isDefault: false } as const;
  const registry = { ...EMPTY, names: ["mine"], entries: new Map([["mine", entry]]) };
  expect(await scanModels(folder, registry)).toEqual({ models: [], skipped: [], registered: [`${path} is already registered as mine`] });
});

test("of two models with one name the first counts", async () => {
  const folder = fresh();
  const [first, second] = [checkpoint(join(folder, "a"), "x"), checkpoint(join(folder, "b"), "x")];
  const { models, skipped } = await scanModels(folder, EMPTY);
  expect(models.map(({ path }) => path)).toEqual([first]);
  expect(skipped).toEqual([`${second} has the same name as ${first}`]);
});

test("links in a circle and deep nests end", async () => {
  const folder = fresh();
  let deep = folder;
  for (let level = 0; level < 10; level++) deep = join(deep, "d");
  checkpoint(deep, "deepest");
  symlinkSync(folder, join(folder, "again"));
  symlinkSync(join(folder, "nowhere"), join(folder, "dead"));
  cpSync(join(MINIATURES, "sd1"), join(folder, "real"), { recursive: true });
  const { models, skipped } = await scanModels(folder, EMPTY);
  expect(models.map(({ path }) => path)).toEqual([join(folder, "real")]);
  expect(skipped).toEqual([expect.stringMatching(/lies deeper than 8 levels$/)]);
});

test("a folder that is not there is an error", async () => {
  await expect(scanModels(join(root, "nowhere"), EMPTY)).rejects.toMatchObject({ code: "file/not-found" });
});

test.each([
  ["/m/My Model (v1.5).safetensors", "My-Model-v1.5"],
  ["/m/sd-v1-4.ckpt", "sd-v1-4"],
  ["/m/folder", "folder"],
  ["/m/模型.safetensors", "model"],
])("%s suggests the name %s", (path, stem) => expect(modelStem(path)).toBe(stem));
