import { availableParallelism } from "node:os";
import { afterAll, expect, jest, test } from "@jest/globals";
import { EngineClient } from "../../lib/engine/client.js";
import { writeBrokenCheckpoint } from "../support/broken-checkpoint.js";
import type { TensorToWrite } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* Single files whose tensors are not those of the network: every message names the key as it is in the user's file. */

// Programs and engines are started; on a busy machine one start has taken half a minute.
jest.setTimeout(240_000);

const folder = await temporaryFolder();
const engine = new EngineClient();
afterAll(() => engine.close());

const load = (path: string) => engine.load({ path, memory: "auto", modelCache: "off", threads: Math.min(2, availableParallelism()) });

const UNET = "model.diffusion_model.";
const VAE = "first_stage_model.";
const TEXT = "cond_stage_model.transformer.text_model.";

/** What is done to the file, the key, the error's code, and the shapes in the message. */
const BROKEN: readonly (readonly [what: "missing" | "surplus" | readonly number[], key: string, code: string, shapes: string])[] = [
  ["missing", `${UNET}input_blocks.1.0.in_layers.2.weight`, "weights/missing-key", "(expected [4, 4, 3, 3])"],
  ["missing", `${UNET}input_blocks.4.0.in_layers.0.weight`, "weights/missing-key", "(expected [4])"],
  ["missing", `${UNET}output_blocks.5.1.transformer_blocks.0.attn2.to_v.weight`, "weights/missing-key", "(expected [12, 16])"],
  ["missing", `${VAE}decoder.mid.attn_1.q.bias`, "weights/missing-key", "(expected [12])"],
  ["missing", `${VAE}encoder.mid.attn_1.q.weight`, "weights/missing-key", "(expected [12, 12])"],
  ["missing", `${TEXT}encoder.layers.0.layer_norm1.weight`, "weights/missing-key", "(expected [16])"],
  ["missing", `${TEXT}embeddings.token_embedding.weight`, "weights/missing-key", ""],
  ["surplus", `${UNET}input_blocks.1.0.extra.weight`, "weights/surplus-key", "[3]"],
  ["surplus", `${UNET}input_blocks.77.0.in_layers.0.weight`, "weights/surplus-key", "[3]"],
  ["surplus", `${VAE}decoder.extra.weight`, "weights/surplus-key", "[3]"],
  ["surplus", `${TEXT}encoder.extra`, "weights/surplus-key", "[3]"],
  [[4, 4, 3, 5], `${UNET}input_blocks.1.0.in_layers.2.weight`, "weights/shape", "[4, 4, 3, 5], expected [4, 4, 3, 3]"],
  [[], `${UNET}input_blocks.0.0.weight`, "weights/shape", "unexpected shape []"],
  [[12, 13], `${UNET}middle_block.1.transformer_blocks.0.attn1.to_k.weight`, "weights/shape", "[12, 13], expected [12, 12]"],
  [[1, 2, 3, 3], `${VAE}encoder.conv_out.weight`, "weights/shape", "[1, 2, 3, 3], expected [8, 12, 3, 3]"],
  [[5], `${TEXT}encoder.layers.0.mlp.fc1.bias`, "weights/shape", "[5], expected [64]"],
  [[537, 16], `${TEXT}embeddings.token_embedding.weight`, "weights/shape", "[537, 16]"],
];

test.each(BROKEN)("%p %s", async (what, key, code, shapes) => {
  const change = (tensors: Record<string, TensorToWrite>) => {
    if (what === "missing") delete tensors[key];
    else tensors[key] = { dtype: "F16", shape: what === "surplus" ? [3] : what };
  };
  const path = await writeBrokenCheckpoint(folder, "broken", change);
  const failure = load(path);
  await expect(failure).rejects.toMatchObject({ name: "DreamError", code, message: expect.stringContaining(path) });
  await expect(failure).rejects.toMatchObject({ message: expect.stringContaining(key) });
  await expect(failure).rejects.toMatchObject({ message: expect.stringContaining(shapes) });
});

test("weights in a type that is not supported are named", async () => {
  const key = `${UNET}input_blocks.1.0.in_layers.2.weight`;
  const path = await writeBrokenCheckpoint(folder, "eight-bit", (tensors) => {
    tensors[key] = { dtype: "F8_E4M3", shape: tensors[key]!.shape };
  });
  await expect(load(path)).rejects.toMatchObject({
    code: "weights/dtype",
    message: expect.stringContaining(`${key} is stored as F8_E4M3`),
  });
});

test("weights that are no numbers end in a sentence instead of a black picture, and the engine goes on", async () => {
  const key = `${UNET}out.2.bias`;
  await load(
    await writeBrokenCheckpoint(folder, "nan", (tensors) => {
      tensors[key] = { ...tensors[key]!, data: new Uint8Array(tensors[key]!.data!.byteLength).fill(0xff) };
    }),
  );
  const job = { prompt: "a", width: 64, height: 64, steps: 1, cfgScale: 7.5, sampler: "k_lms", seed: 1 } as const;
  const picture = engine.generate({ ...job, variations: [], karras: false, rng: "cpu", seamless: "", clipSkip: 0 });
  await expect(picture).rejects.toMatchObject({ code: "picture/not-a-number", message: expect.stringContaining("not numbers") });
  await expect(load(await writeBrokenCheckpoint(folder, "whole", () => {}))).resolves.toMatchObject({ family: "SD 1.x" });
});
