import { spawnSync } from "node:child_process";
import { readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readTensor } from "../../lib/checkpoints/read-tensor.js";
import { computeWeights } from "../../lib/networks/kernel-store.js";
import { WeightCache } from "../../lib/networks/weight-cache.js";
import type { WeightRequest } from "../../lib/networks/weight-reader.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { sampleTensors, writeSource } from "../support/tiny-source.js";

const folder = await temporaryFolder();
const root = join(await temporaryFolder(), "cache");
const tensors = sampleTensors({ "conv.weight": [4, 3, 3, 3], "linear.weight": [5, 2] });
const source = await writeSource(folder, "model.safetensors", tensors);
const file = join(folder, "model.safetensors");
const kernel: WeightRequest = { name: "conv.weight#winograd2", key: "conv.weight", shape: [4, 3, 3, 3], form: "winograd2" };
const linear: WeightRequest = { name: "linear.weight", key: "linear.weight", shape: [5, 2] };

async function entries(): Promise<string[]> {
  return readdir(root);
}

test("a cached kernel equals the computed one", async () => {
  const cached = await (await WeightCache.open(root, [file])).provide("unet", source, [kernel, linear], 1);
  for await (const [name, { data }] of computeWeights([kernel, linear], source, 1)) {
    expect(await readTensor(cached!.get(name)!)).toEqual(data);
  }
});

test("a second load writes nothing", async () => {
  const [entry] = await entries();
  const [name] = await readdir(join(root, entry!));
  const before = await stat(join(root, entry!, name!));
  await (await WeightCache.open(root, [file])).provide("unet", source, [kernel], 1);
  expect((await stat(join(root, entry!, name!))).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(join(root, entry!))).toEqual([name]);
});

test("a damaged file is made anew", async () => {
  const [entry] = await entries();
  const [name] = await readdir(join(root, entry!));
  await writeFile(join(root, entry!, name!), "rubbish");
  const cached = await (await WeightCache.open(root, [file])).provide("unet", source, [linear], 1);
  expect(await readTensor(cached!.get("linear.weight")!)).toEqual(tensors["linear.weight"]!.values);
});

test("what a killed program left goes with the next writing; what a living one writes stays", async () => {
  const [entry = ""] = await entries();
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  for (const writer of [dead, process.ppid]) await writeFile(join(root, entry, `vae-0.safetensors.${writer}.tmp`), "half");
  await (await WeightCache.open(root, [file])).provide("text_encoder", source, [linear], 1);
  const left = (await readdir(join(root, entry))).filter((name) => name.endsWith(".tmp"));
  expect(left).toEqual([`vae-0.safetensors.${process.ppid}.tmp`]);
});

test("a changed file of the same size and time meets no stale entry", async () => {
  const { atime, mtime } = await stat(file);
  const other = sampleTensors({ "linear.weight": [5, 2], "conv.weight": [4, 3, 3, 3] });
  await writeFile(file, safetensorsBytes(other));
  await utimes(file, atime, mtime);
  const known = await entries();
  const changed = await writeSource(folder, "again.safetensors", other);
  const cached = await (await WeightCache.open(root, [file])).provide("unet", changed, [linear], 1);
  expect(await readTensor(cached!.get("linear.weight")!)).toEqual(other["linear.weight"]!.values);
  expect((await entries()).length).toBe(known.length + 1);
});
