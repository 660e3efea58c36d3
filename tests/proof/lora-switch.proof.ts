import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GenerationJob } from "../../lib/engine/protocol.js";
import { openModel } from "../../lib/models/open-model.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { sampleNumbers } from "../support/tiny-source.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: drawing with a LoRA for the first time costs less than loading the model, once more with it next to nothing, and afterwards the model
 * draws bit for bit what it drew before. The LoRA has rank 16 in every attention layer of the U-Net and every layer of the text encoder.
 * Arguments: the path of another model; the folder of its weight cache, or "off".
 */
const RANK = 16;
const folder = await mkdtemp(join(tmpdir(), "dream-proof-"));
const model = await proofModel();
const modelCache = process.argv[3] ?? "off";

interface Cost {
  /** Seconds. */
  readonly wall: number;
  /** Of all threads together: what else the machine does changes it little. */
  readonly processor: number;
}

async function costOf<T>(work: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6, result };
}

/** Writes a LoRA with small random numbers for a model. */
async function writeLora(): Promise<string> {
  const components = await openModel(model);
  if (components.layout === "onnx") throw new Error(`${model} holds exported graphs`);
  const { unet, textEncoder } = components;
  const tensors: Record<string, TensorToWrite> = {};
  const add = (prefix: string, key: string, [outputs = 0, inputs = 0]: readonly number[]) => {
    const name = prefix + key.replace(/\.weight$/, "").replaceAll(".", "_");
    const factor = (shape: readonly [number, number], seed: number) => {
      const data = sampleNumbers(shape[0] * shape[1], seed).map((value) => value * 0.02);
      return { shape, data: new Uint8Array(data.buffer) };
    };
    tensors[`${name}.lora_down.weight`] = factor([RANK, inputs], key.length);
    tensors[`${name}.lora_up.weight`] = factor([outputs, RANK], key.length + 1);
  };
  for (const key of unet.weights.keys()) {
    if (/\.attn\d\.to_.*\.weight$/.test(key)) add("lora_unet_", key, unet.weights.get(key)?.shape ?? []);
  }
  for (const key of textEncoder.weights.keys()) {
    if (/\.layers\..*(_proj|fc\d)\.weight$/.test(key)) add("lora_te_", key, textEncoder.weights.get(key)?.shape ?? []);
  }
  const path = join(folder, "random.safetensors");
  await writeFile(path, safetensorsBytes(tensors));
  return path;
}

const session = new ModelSession();
let building: () => void = () => {};
const stage = (name: string) => name === "text encoder" && building();
const report = { signal: new AbortController().signal, notice: console.log, stage, step: () => {}, previewEvery: 0 };
const request = { ...loadRequest(model), modelCache, threads: 2 };
// The first time, files come from the disk and the weight cache may have to be filled.
const { width, height } = await session.load(request, report);
await session.load(loadRequest(join(MINIATURES, "sd1")), report);
// Looking through the files and hashing them does not count: a LoRA does not ask for it.
const built = new Promise<Cost>((resolve) => {
  building = () => {
    building = () => {};
    resolve(costOf(() => loaded));
  };
});
const loaded = session.load(request, report);
const loading = await built;
const picture = (extra: Partial<GenerationJob> = {}) =>
  costOf(async () => (await session.generate(job({ prompt: "a red house", steps: 1, width, height, ...extra }), report)).image.rgb);
const loras = [{ name: "random", path: await writeLora(), weight: 0.8 }];

const before = await picture();
const plain = await picture();
const first = await picture({ loras });
const second = await picture({ loras });
const after = await picture();

const show = (name: string, { wall, processor }: Cost) =>
  console.log(`${name.padEnd(32)} ${wall.toFixed(2).padStart(7)} s ${processor.toFixed(2).padStart(7)} s of processor time`);
show("loading the model", loading);
show("a picture of one step", plain);
show("the first with a LoRA", first);
show("the second", second);
const switching = { wall: first.wall - second.wall, processor: first.processor - second.processor };
show("so switching costs", switching);
const share = (cost: Cost) =>
  `${(cost.wall / loading.wall).toFixed(2)} of a load (${(cost.processor / loading.processor).toFixed(2)} of its processor time)`;
console.log(`switching to a LoRA: ${share(switching)}`);

const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
const exact = same(before.result, plain.result) && same(plain.result, after.result);
const changed = !same(plain.result, first.result) && same(first.result, second.result);
console.log(
  `without a LoRA the picture is ${exact ? "the same" : "ANOTHER"} afterwards; with it, it is ${changed ? "another" : "THE SAME"}`,
);
await rm(folder, { recursive: true });
process.exitCode = exact && changed && switching.processor < loading.processor ? 0 : 1;
