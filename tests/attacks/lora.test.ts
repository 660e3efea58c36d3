import { mkdir, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { AdaptableLayers } from "../../lib/adapters/adaptable-layers.js";
import { findLora, listLoras } from "../../lib/adapters/find-lora.js";
import { readLora } from "../../lib/adapters/read-lora.js";
import { openModel } from "../../lib/models/open-model.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const model = await openModel(path.join(MINIATURES, "sd1"));
if (model.layout === "onnx") throw new Error("not a model with weights");
const layers = new AdaptableLayers(model);
let files = 0;

const FC1 = "lora_te_text_model_encoder_layers_0_mlp_fc1";
const CONV = "lora_unet_conv_in";
const filled = (shape: readonly number[], value = 0.5): TensorToWrite => {
  const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(value);
  return { shape, data: new Uint8Array(data.buffer) };
};
/** fc1 is [64, 16]. */
const good = { [`${FC1}.lora_up.weight`]: filled([64, 2]), [`${FC1}.lora_down.weight`]: filled([2, 16]) };

async function read(tensors: Readonly<Record<string, TensorToWrite>>) {
  const file = path.join(folder, `${files++}.safetensors`);
  await writeFile(file, safetensorsBytes(tensors));
  return readLora(file, layers);
}

test("a good file is read", async () => {
  const { textEncoder, notes } = await read(good);
  expect([...textEncoder.keys()]).toEqual(["text_model.encoder.layers.0.mlp.fc1"]);
  expect(notes).toEqual([]);
});

describe("refused with file and key:", () => {
  test.each<[string, Record<string, TensorToWrite>, string]>([
    ["ranks that differ", { ...good, [`${FC1}.lora_down.weight`]: filled([3, 16]) }, "lora_up.weight is [64, 2], but the model's"],
    ["a width that differs", { ...good, [`${FC1}.lora_down.weight`]: filled([2, 17]) }, "lora_down.weight is [2, 17], but the model's"],
    ["a rank of zero", { [`${FC1}.lora_up.weight`]: filled([64, 0]), [`${FC1}.lora_down.weight`]: filled([0, 16]) }, "which is no matrix"],
    [
      "a rank beyond all layers",
      { [`${FC1}.lora_up.weight`]: filled([64, 4097]), [`${FC1}.lora_down.weight`]: filled([4097, 16]) },
      "has the rank 4097; at most 4096 is read",
    ],
    ["a vector", { ...good, [`${FC1}.lora_down.weight`]: filled([32]) }, "lora_down.weight has the shape [32], which is no matrix"],
    ["five axes", { ...good, [`${FC1}.lora_down.weight`]: filled([2, 16, 1, 1, 1]) }, "which is no matrix"],
    ["half a pair", { [`${FC1}.lora_up.weight`]: filled([64, 2]) }, "lora_up.weight stands without its down"],
    ["an alpha alone", { [`${FC1}.alpha`]: filled([]) }, "alpha stands alone"],
    ["several alphas", { ...good, [`${FC1}.alpha`]: filled([2]) }, "alpha is F32 [2], not one number"],
    ["an alpha that is no number", { ...good, [`${FC1}.alpha`]: filled([], Number.NaN) }, "alpha holds values that are not numbers"],
    ["NaN", { ...good, [`${FC1}.lora_up.weight`]: filled([64, 2], Number.NaN) }, "lora_up.weight holds values that are not numbers"],
    ["infinity", { ...good, [`${FC1}.lora_up.weight`]: filled([64, 2], Number.POSITIVE_INFINITY) }, "holds values that are not numbers"],
    ["integers", { ...good, [`${FC1}.lora_up.weight`]: { dtype: "I32", shape: [64, 2] } }, "lora_up.weight is stored as I32"],
    ["eight bits", { ...good, [`${FC1}.lora_up.weight`]: { dtype: "F8_E4M3", shape: [64, 2] } }, "is stored as F8_E4M3"],
    ["a DoRA", { ...good, [`${FC1}.dora_scale`]: filled([64, 1]) }, "dora_scale belongs to a DoRA"],
    ["a kernel for a matrix", { ...good, [`${FC1}.lora_down.weight`]: filled([2, 16, 3, 3]) }, "is [2, 16, 3, 3], but the model's"],
    [
      "a kernel whose extents changed places",
      { [`${CONV}.lora_up.weight`]: filled([4, 2, 1, 1]), [`${CONV}.lora_down.weight`]: filled([2, 3, 4, 3]) },
      "is [2, 3, 4, 3], but the model's conv_in is [4, 4, 3, 3]",
    ],
    [
      "a core that does not fit",
      {
        [`${CONV}.lora_up.weight`]: filled([4, 2, 1, 1]),
        [`${CONV}.lora_down.weight`]: filled([2, 4, 1, 1]),
        [`${CONV}.lora_mid.weight`]: filled([2, 2, 5, 5]),
      },
      "lora_mid.weight is [2, 2, 5, 5]",
    ],
    [
      "a LoHa with a part missing",
      { [`${FC1}.hada_w1_a`]: filled([64, 2]), [`${FC1}.hada_w1_b`]: filled([2, 16]) },
      "stands without its hada_w2_a",
    ],
    ["a LoKr of another size", { [`${FC1}.lokr_w1`]: filled([2, 2]), [`${FC1}.lokr_w2`]: filled([32, 9]) }, "make a matrix of 64 × 18"],
    [
      "a LoKr whose factors do not meet",
      { [`${FC1}.lokr_w1_a`]: filled([2, 3]), [`${FC1}.lokr_w1_b`]: filled([4, 2]), [`${FC1}.lokr_w2`]: filled([32, 8]) },
      "lokr_w1_a is [2, 3], but the model's",
    ],
  ])("%s", async (_what, tensors, sentence) => {
    const reading = read(tensors);
    await expect(reading).rejects.toMatchObject({ code: "lora/unsuitable", message: expect.stringContaining(sentence) });
    await expect(reading).rejects.toThrow(/\d+\.safetensors: lora_/);
  });

  test.each<[string, Record<string, TensorToWrite>, string]>([
    ["no tensors", {}, "is not a LoRA: it holds no tensors"],
    [
      "a checkpoint",
      { "model.diffusion_model.out.2.weight": filled([4, 4]) },
      "is not a LoRA: its first tensor is model.diffusion_model.out.2.weight",
    ],
    [
      "another model's layers",
      { "lora_unet_nowhere.lora_up.weight": filled([4, 4]) },
      "belongs to another kind of model: this one has no layer for lora_unet_nowhere",
    ],
    [
      "a name of a megabyte",
      { [`lora_unet_${"x\n".repeat(5e5)}.alpha`]: filled([]) },
      "is not a LoRA: its first tensor is lora_unet_x\\nx\\n",
    ],
  ])("%s", async (_what, tensors, sentence) => {
    const failure: unknown = await read(tensors).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "lora/unsuitable", message: expect.stringContaining(sentence) });
    expect((failure as Error).message.length).toBeLessThan(folder.length + 300);
  });
});

test("layers and tensors that mean nothing here are counted, the first is named", async () => {
  const strange = Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`lora_unet_nowhere_${i}.lora_up.weight`, filled([1, 1])]));
  const { notes, textEncoder } = await read({ ...good, ...strange, rubbish: filled([1]), "more.rubbish": filled([1]) });
  expect(textEncoder.size).toBe(1);
  expect(notes).toEqual([
    expect.stringMatching(/^\d+\.safetensors: 3 of 4 layers are not in this model \(the first is lora_unet_nowhere_0\.lora_up\.weight\)$/),
    expect.stringMatching(/^\d+\.safetensors: 2 of 7 tensors are not understood \(the first is rubbish\)$/),
  ]);
});

test("a layer that does not fit is left out where others do", async () => {
  const fc2 = "lora_te_text_model_encoder_layers_1_mlp_fc2";
  const other = { [`${fc2}.lora_up.weight`]: filled([16, 2]), [`${fc2}.lora_down.weight`]: filled([2, 64]) };
  const inpainting = { [`${CONV}.lora_up.weight`]: filled([4, 2, 1, 1]), [`${CONV}.lora_down.weight`]: filled([2, 9, 3, 3]) };
  const { notes, textEncoder, unet } = await read({ ...good, ...other, ...inpainting });
  expect([textEncoder.size, unet.size]).toEqual([2, 0]);
  expect(notes).toEqual([
    expect.stringMatching(/^1 of 3 layers are left out: .*lora_down\.weight is \[2, 9, 3, 3\], but the model's conv_in is \[4, 4, 3, 3\]$/),
  ]);
  await expect(read({ ...good, ...inpainting })).rejects.toThrow("lora_down.weight is [2, 9, 3, 3]");
});

test("one that would take more memory than is left for it is refused before it is read", async () => {
  const file = path.join(folder, "large.safetensors");
  await writeFile(file, safetensorsBytes(good));
  const sizes = "would take 0.0 GB; at most 0.0 GB are read for this picture";
  await expect(readLora(file, layers, 639)).rejects.toMatchObject({ code: "lora/unsuitable", message: `${file} ${sizes}` });
  expect((await readLora(file, layers, 640)).bytes).toBe(640);
});

test("thousands of tensors for one layer are one module", async () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}.lora_up.weight`, filled([1, 1])]));
  const { notes } = await read({ ...good, ...many });
  expect(notes).toEqual([expect.stringContaining("5000 of 5002 tensors are not understood")]);
});

test.each([
  ["a file of text", "hello.safetensors", "hello"],
  ["nothing", "empty.safetensors", ""],
  ["text by the name of a pickle", "hello.pt", "hello"],
  ["a pickle that calls", "call.pt", "cos\nsystem\n(S'echo'\ntR."],
])("%s is refused", async (_what, name, text) => {
  const file = path.join(folder, name);
  await writeFile(file, text);
  await expect(readLora(file, layers)).rejects.toMatchObject({ name: "DreamError", message: expect.stringContaining(file) });
});

test("a header that promises more than the file has is refused", async () => {
  const file = path.join(folder, "short.safetensors");
  const bytes = safetensorsBytes(good);
  await writeFile(file, bytes);
  await truncate(file, bytes.length - 8);
  await expect(readLora(file, layers)).rejects.toMatchObject({ code: "safetensors/truncated" });
});

test.each([
  ["no JSON", "{", "is not valid JSON"],
  ["a DoRA", '{"use_dora": true, "lora_alpha": 2}', "describes a DoRA, which is not supported"],
  ["a list", "[]", "does not hold a JSON object"],
])("a folder whose configuration is %s is refused", async (_what, text, sentence) => {
  const place = path.join(folder, `peft-${files++}`);
  await mkdir(place);
  await writeFile(path.join(place, "adapter_model.safetensors"), safetensorsBytes(good));
  await writeFile(path.join(place, "adapter_config.json"), text);
  await expect(readLora(place, layers)).rejects.toMatchObject({ code: "lora/unsuitable", message: expect.stringContaining(sentence) });
});

test.each([
  ['{"lora_alpha": 1e400}', 1],
  ['{"lora_alpha": "8", "r": -1}', 1],
  ['{"lora_alpha": 8, "alpha_pattern": {"fc1": 4, "__proto__": 3, "^(a+)+$": 1}}', 2],
  ['{"lora_alpha": 8, "use_rslora": true}', 8 / Math.SQRT2],
])("a configuration of %s", async (text, scale) => {
  const place = path.join(folder, `peft-${files++}`);
  await mkdir(place);
  await writeFile(path.join(place, "adapter_model.safetensors"), safetensorsBytes(good));
  await writeFile(path.join(place, "adapter_config.json"), text);
  const { textEncoder } = await readLora(place, layers);
  expect([...textEncoder.values()].flat()).toMatchObject([{ scale }]);
});

test("folders of thousands of files are looked through to a limit", async () => {
  const crowded = path.join(folder, "crowded");
  await mkdir(crowded);
  await Promise.all(Array.from({ length: 1500 }, (_, i) => writeFile(path.join(crowded, `ink-${i}.safetensors`), "")));
  expect(await findLora("ink-1499", [crowded])).toBe(path.join(crowded, "ink-1499.safetensors"));
  expect(await findLora("ink-1500", [crowded])).toBeUndefined();
  // The same folder again and again uses up what is looked at.
  expect(
    await findLora(
      "nothing",
      Array.from({ length: 1000 }, () => crowded),
    ),
  ).toBeUndefined();
  expect(await listLoras([crowded])).toHaveLength(1500);
});
