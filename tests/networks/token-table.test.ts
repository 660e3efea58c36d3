import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { TOKEN_EMBEDDING } from "../../lib/networks/clip-text-encoder.js";
import type { ClipTextConfig } from "../../lib/networks/config.js";
import { TokenTable } from "../../lib/networks/token-table.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { sampleTensors, writeSource } from "../support/tiny-source.js";

const CONFIG: ClipTextConfig = {
  vocabSize: 6,
  hiddenSize: 4,
  intermediateSize: 8,
  layers: 1,
  heads: 1,
  maxPositions: 77,
  activation: "gelu",
  layerNormEps: 1e-5,
};
const tensors = sampleTensors({ [TOKEN_EMBEDDING]: [6, 4] });
const place = await temporaryFolder();
const rows = tensors[TOKEN_EMBEDDING]!.values;
const source = await writeSource(place, "text.safetensors", tensors);

test("rows come from the file in the order of the ids", async () => {
  const table = TokenTable.find(CONFIG, source);
  expect([...(await table.lookUp(Int32Array.of(5, 0, 5)))]).toEqual([...rows.slice(20, 24), ...rows.slice(0, 4), ...rows.slice(20, 24)]);
});

test("added vectors follow the vocabulary", async () => {
  const table = TokenTable.find(CONFIG, source);
  expect(table.add(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toBe(6);
  expect([...(await table.lookUp(Int32Array.of(7, 1)))]).toEqual([5, 6, 7, 8, ...rows.slice(4, 8)]);
});

test("a token that the table lacks is named with the table's shape", async () => {
  const table = TokenTable.find(CONFIG, source);
  await expect(table.lookUp(Int32Array.of(6))).rejects.toThrow("has the shape [6, 4], without a row for token 6 of the vocabulary");
});

test("a file that was moved away since is named", async () => {
  const moved = TokenTable.find(CONFIG, await writeSource(place, "moved.safetensors", tensors));
  await rm(join(place, "moved.safetensors"));
  await expect(moved.lookUp(Int32Array.of(1))).rejects.toMatchObject({
    code: "file/not-found",
    message: `${join(place, "moved.safetensors")} does not exist`,
  });
});

test("a table of another shape is refused", () => {
  expect(() => TokenTable.find({ ...CONFIG, vocabSize: 7 }, source)).toThrow("has the shape [6, 4], expected [7, 4]");
});
