import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openWeights } from "../../lib/checkpoints/open-weights.js";
import { readTensor, streamTensor } from "../../lib/checkpoints/read-tensor.js";
import { openSafetensors, openShardedSource } from "../../lib/checkpoints/safetensors.js";
import { floatBytes, safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();

test("a file is opened with its metadata, shapes and places", async () => {
  const path = join(folder, "two.safetensors");
  await writeFile(
    path,
    safetensorsBytes({ a: { shape: [2, 1], data: floatBytes(1, -2) }, b: { shape: [], data: floatBytes(0.5) } }, { format: "pt" }),
  );
  const file = await openSafetensors(path);
  expect(file.metadata.get("format")).toBe("pt");
  expect([...file.tensors.keys()]).toEqual(["a", "b"]);
  expect(file.tensors.get("a")).toMatchObject({ key: "a", dtype: "F32", shape: [2, 1], byteLength: 8, file: path });
  expect([...(await readTensor(file.tensors.get("a")!))]).toEqual([1, -2]);
  expect([...(await readTensor(file.tensors.get("b")!))]).toEqual([0.5]);
});

test("a tensor can be streamed in pieces", async () => {
  const path = join(folder, "long.safetensors");
  await writeFile(path, safetensorsBytes({ a: { shape: [7], data: floatBytes(0, 1, 2, 3, 4, 5, 6) } }));
  const pieces: number[][] = [];
  for await (const piece of streamTensor((await openSafetensors(path)).tensors.get("a")!, 3)) pieces.push([...piece]);
  expect(pieces).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
});

test("a file behind a symbolic link is described by its real place", async () => {
  const blobs = join(folder, "blobs");
  await mkdir(blobs);
  await writeFile(join(blobs, "0a1b"), safetensorsBytes({ a: { shape: [1] } }));
  const link = join(folder, "link.safetensors");
  await symlink(join("blobs", "0a1b"), link);
  const { weights: source } = await openWeights(link);
  expect(source).toMatchObject({ origin: link, folder: blobs });
  expect(source.get("a")?.file).toBe(join(blobs, "0a1b"));
});

test("shards appear as one source", async () => {
  await writeFile(join(folder, "m-1.safetensors"), safetensorsBytes({ a: { shape: [1], data: floatBytes(1) } }));
  await writeFile(join(folder, "m-2.safetensors"), safetensorsBytes({ b: { shape: [1], data: floatBytes(2) } }));
  const index = join(folder, "m.safetensors.index.json");
  await writeFile(index, JSON.stringify({ metadata: {}, weight_map: { a: "m-1.safetensors", b: "m-2.safetensors" } }));
  const source = await openShardedSource(index);
  expect([...source.keys()]).toEqual(["a", "b"]);
  expect([...(await readTensor(source.get("b")!))]).toEqual([2]);
});

test("an index cannot point out of its folder", async () => {
  const index = join(folder, "out.safetensors.index.json");
  await writeFile(index, JSON.stringify({ weight_map: { a: "../two.safetensors" } }));
  await expect(openShardedSource(index)).rejects.toMatchObject({ code: "model/config" });
});

test("a missing shard and a missing tensor are named", async () => {
  const index = join(folder, "gone.safetensors.index.json");
  await writeFile(index, JSON.stringify({ weight_map: { a: "gone-1.safetensors" } }));
  await expect(openShardedSource(index)).rejects.toMatchObject({ code: "model/missing-file", message: expect.stringContaining("gone-1") });
  await writeFile(index, JSON.stringify({ weight_map: { z: "m-1.safetensors" } }));
  await expect(openShardedSource(index)).rejects.toMatchObject({ code: "weights/missing-key", message: expect.stringContaining('"z"') });
});

test("no file, a folder and an integer tensor are named failures", async () => {
  await expect(openSafetensors(join(folder, "nothing"))).rejects.toMatchObject({ code: "file/not-found" });
  await expect(openSafetensors(folder)).rejects.toMatchObject({ code: "file/unreadable" });
  const path = join(folder, "integers.safetensors");
  await writeFile(path, safetensorsBytes({ ids: { dtype: "I64", shape: [2] } }));
  await expect(readTensor((await openSafetensors(path)).tensors.get("ids")!)).rejects.toMatchObject({ code: "weights/dtype" });
});
