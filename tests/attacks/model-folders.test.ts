import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { chooseModel, openCatalogue } from "../../lib/cli/choose-model.js";
import { prepareOutputFolder } from "../../lib/images/names/output-folder.js";
import { openModel } from "../../lib/models/open-model.js";
import { readRegistry, resolveModel } from "../../lib/models/registry/registry.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { writeTinyDiffusers } from "../support/tiny-diffusers.js";

/* Model folders, registries and places that are hostile rather than merely wrong. */

const root = await temporaryFolder();
const fresh = () => mkdtempSync(join(root, "case-"));

const refused = (code: string, words: string) => ({ name: "DreamError", code, message: expect.stringContaining(words) });

test.each([
  ["nests without end", `{"block_out_channels":${"[".repeat(400_000)}${"]".repeat(400_000)}}`, "nests deeper than 64 levels"],
  ["is larger than any configuration", `{${" ".repeat(2_000_000)}}`, "has 2000002 bytes; at most 1048576 are read"],
  ["holds a number that JSON does not know", '{"sample_size":NaN}', "is not valid JSON"],
  ["asks for a thousand levels", JSON.stringify({ block_out_channels: new Array(1000).fill(32) }), "expected a list of whole numbers"],
  ["asks for a width beyond all networks", '{"cross_attention_dim":1e15}', "expected a whole number from 1 to 1048576"],
  ["asks for no heads", '{"attention_head_dim":0}', "attention_head_dim is 0, expected a whole number from 1"],
])("a config.json that %s is refused", async (_, text, words) => {
  const folder = await writeTinyDiffusers(fresh());
  writeFileSync(join(folder, "unet", "config.json"), text);
  await expect(openModel(folder)).rejects.toMatchObject(refused("model/config", words));
});

test.each([
  ["unet/config.json", { sample_size: 7 }, "model/config", "its own size is 14×14, not multiples of 64 up to 8192"],
  ["unet/config.json", { sample_size: 1 << 20 }, "model/config", "its own size is 2097152×2097152"],
  ["scheduler/scheduler_config.json", { beta_end: 5 }, "model/config", "beta_end is 5, expected a number between 0 and 1"],
  [
    "vae/config.json",
    {
      block_out_channels: new Array(16).fill(32),
      down_block_types: new Array(16).fill("DownEncoderBlock2D"),
      up_block_types: new Array(16).fill("UpDecoderBlock2D"),
    },
    "model/unsupported",
    "in steps of 65536 pixels",
  ],
])("%s with sizes that no picture can have", async (file, change, code, words) => {
  const folder = await writeTinyDiffusers(fresh(), { [file]: change });
  await expect(openModel(folder)).rejects.toMatchObject(refused(code, words));
});

test.each([
  ["Git LFS placeholder", "version https://git-lfs.github.com/spec/v1\n", "is the placeholder of a Git LFS file"],
  ["web page", "<!DOCTYPE html>\n<html></html>", "is a web page, not a safetensors file"],
  ["renamed .ckpt", "PK\x03\x04 and more", "is a ZIP archive"],
])("a %s under a model's name is recognised", async (_, text, words) => {
  const path = join(fresh(), "model.safetensors");
  writeFileSync(path, text);
  await expect(openModel(path)).rejects.toMatchObject(refused("safetensors/header", words));
});

const withPipes = process.platform === "win32" ? test.skip : test;

withPipes("a named pipe in any place is refused instead of waited for", async () => {
  const folder = await writeTinyDiffusers(fresh());
  for (const name of ["unet/config.json", "vae/diffusion_pytorch_model.safetensors"]) {
    const copy = join(folder, name);
    rmSync(copy);
    execFileSync("mkfifo", [copy]);
    await expect(openModel(folder)).rejects.toMatchObject(refused("file/unreadable", `${copy} is not a regular file`));
    rmSync(copy);
    await writeTinyDiffusers(folder);
  }
  const pipe = join(root, "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(openModel(pipe)).rejects.toMatchObject(refused("file/unreadable", "is not a regular file"));
  await expect(readRegistry(pipe)).rejects.toMatchObject(refused("file/unreadable", "is not a regular file"));
});

withPipes("links that lead nowhere or in a circle are called that", async () => {
  const folder = fresh();
  const registry = { path: "models.yaml", names: [], entries: new Map(), tools: new Map(), notices: [] };
  symlinkSync(join(folder, "gone"), join(folder, "dead"));
  symlinkSync(join(folder, "circle"), join(folder, "circle"));
  for (const name of ["dead", "circle"]) {
    const given = join(folder, name);
    expect(() => resolveModel(given, registry)).toThrow(`${given} is a symbolic link that leads nowhere`);
  }
  const model = await writeTinyDiffusers(fresh());
  const weights = join(model, "vae", "diffusion_pytorch_model.safetensors");
  rmSync(weights);
  symlinkSync(weights, weights);
  await expect(openModel(model)).rejects.toMatchObject(refused("file/unreadable", "its symbolic links form a circle"));
});

test.each([
  ["sampler: k_magic", 'There is no sampler "k_magic"; there are ddim, plms'],
  ["width: 100000", "Width (-W) must be at most 8192 pixels, not 100000"],
  ["cfg_scale: -1", "CFG_Scale (-C) must be >1.0"],
])("a registry entry that prefers the impossible (%s) is refused at launch", async (line, words) => {
  const config = join(fresh(), "models.yaml");
  writeFileSync(config, `mine:\n  path: .\n  ${line}\n`);
  const choice = chooseModel({}, openCatalogue({ config }, {}));
  await expect(choice).rejects.toMatchObject(refused("registry/unreadable", `${config}: mine: `));
  await expect(choice).rejects.toMatchObject({ message: expect.stringContaining(words) });
});

const withProc = process.platform === "linux" ? test : test.skip;

withProc("a place where no folder can be made is said at once", async () => {
  // Node's own recursive mkdir never comes back from here, whoever runs it.
  await expect(prepareOutputFolder("/proc/dream/out")).rejects.toMatchObject(refused("output/unwritable", "cannot write /proc/dream/out"));
});
