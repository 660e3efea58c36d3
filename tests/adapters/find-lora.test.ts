import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { findLora, listLoras } from "../../lib/adapters/find-lora.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

async function folderWith(...files: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(root, "loras-"));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
  return folder;
}

test.each([
  ["a file", ["ink.safetensors"], "ink", "ink.safetensors"],
  ["a name with a dot and a dash", ["ink-v1.5.safetensors", "ink-v1.safetensors"], "ink-v1.5", "ink-v1.5.safetensors"],
  ["capitals in the ending", ["ink.SafeTensors"], "ink", "ink.SafeTensors"],
  ["a file in a folder", ["styles/old/ink.pt"], "ink", "styles/old/ink.pt"],
  ["the preferred ending", ["ink.bin", "ink.ckpt", "ink.safetensors", "ink.pt"], "ink", "ink.safetensors"],
  ["what lies higher", ["a/ink.safetensors", "ink.pt"], "ink", "ink.pt"],
  ["the alphabet", ["b/ink.pt", "a/ink.pt"], "ink", "a/ink.pt"],
  ["a folder by PEFT", ["ink/adapter_model.safetensors", "ink/adapter_config.json"], "ink", "ink"],
  ["a folder by diffusers", ["styles/ink/pytorch_lora_weights.safetensors"], "ink", "styles/ink"],
])("%s is found", async (_what, files, name, expected) => {
  const folder = await folderWith(...files);
  expect(await findLora(name, [folder])).toBe(join(folder, expected));
});

test.each([
  ["another ending", ["ink.txt"], "ink"],
  ["another name", ["inks.safetensors", "Ink.safetensors"], "ink"],
  ["the weights of a folder by their own name", ["ink/adapter_model.safetensors"], "adapter_model"],
  ["more than four folders deep", ["1/2/3/4/ink.safetensors"], "ink"],
  ["a hidden folder", [".trash/ink.safetensors"], "ink"],
  ["a way out", ["ink.safetensors"], "../ink"],
])("%s is not", async (_what, files, name) => {
  expect(await findLora(name, [await folderWith(...files)])).toBeUndefined();
});

test("the first folder wins, and one that does not exist holds nothing", async () => {
  const [first, second] = [await folderWith("deep/ink.safetensors"), await folderWith("ink.safetensors", "oil.safetensors")];
  expect(await findLora("ink", [join(root, "nowhere"), first, second])).toBe(join(first, "deep/ink.safetensors"));
  expect(await findLora("oil", [first, second])).toBe(join(second, "oil.safetensors"));
});

test("links to folders are not followed, links to files are", async () => {
  const elsewhere = await folderWith("ink.safetensors", "oil.safetensors");
  const folder = await folderWith();
  await symlink(elsewhere, join(folder, "linked"));
  await symlink(folder, join(folder, "circle"));
  await symlink(join(elsewhere, "oil.safetensors"), join(folder, "oil.safetensors"));
  expect(await findLora("ink", [folder])).toBeUndefined();
  expect(await findLora("oil", [folder])).toBe(join(folder, "oil.safetensors"));
});

test("names that a prompt can hold are listed, each once", async () => {
  const folder = await folderWith(
    "b.safetensors",
    "a/b.pt",
    "my.v2-x.ckpt",
    "two words.pt",
    "über.pt",
    "peft/adapter_model.bin",
    "read.me",
  );
  expect(await listLoras([folder, folder])).toEqual(["b", "my.v2-x", "peft"]);
});
