import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveModel } from "../../lib/pipeline/live-model.js";
import { openFiles, pixelsPerLatent } from "../../lib/pipeline/opened-model.js";
import { loadRequest } from "../engine/fakes.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { sampleNumbers } from "../support/tiny-source.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: making a model's networks ready with a LoRA, its file included, costs less than making them ready without; afterwards the U-Net
 * without it answers what it answered before, bit for bit. The LoRA has rank 16 in every attention layer of the U-Net and every layer of the
 * text encoder. Processor time is compared, which changes less than the clock's with what else the machine does.
 * Arguments: the path of another model; the folder of its weight cache, or "off"; rounds.
 */
const RANK = 16;
const ROUNDS = Number(process.argv[4] ?? 3);
const folder = await mkdtemp(join(tmpdir(), "dream-proof-"));
const request = { ...loadRequest(await proofModel()), modelCache: process.argv[3] ?? "off", threads: 2 };
const opened = await openFiles(request);
const { components } = opened;
const size = components.nativeSize;
const scale = pixelsPerLatent(components);
const shape = { batch: 2, height: size.height / scale, width: size.width / scale };

/** Seconds. */
interface Cost {
  readonly wall: number;
  /** Of all threads together. */
  readonly processor: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const started = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 };
}

/** Writes a LoRA with small random numbers for a model. */
async function writeLora(): Promise<string> {
  if (components.layout === "onnx") throw new Error(`${request.path} holds exported graphs`);
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

const loras = [{ name: "random", path: await writeLora(), weight: 0.8 }];
const report = { signal: new AbortController().signal, notice: console.log, stage: () => {} };
const makeRoom = async () => ({ leavingVariants: 0, plainLeaves: false });
const costs: { loading: Cost; switching: Cost }[] = [];
let exact = true;
for (let round = 0; round < ROUNDS; round++) {
  // Reading and hashing the files does not count for the model; a LoRA asks for neither.
  let model: LiveModel | undefined;
  const loading = await costOf(async () => {
    model = await LiveModel.create(opened, { mode: "fast", seamless: "" }, size, console.log);
    await model.prepare(size, report);
  });
  if (model === undefined) throw new Error("no model");
  const { networks, adapted } = model;
  const predict = (unet = networks.unet) => {
    const { inChannels, crossAttentionDim } =
      components.layout === "onnx" ? { inChannels: 4, crossAttentionDim: 768 } : components.unet.config;
    const sample = sampleNumbers(2 * inChannels * shape.height * shape.width, 1);
    return unet.predict(sample, 500, sampleNumbers(2 * 77 * crossAttentionDim, 2), shape);
  };
  const last = round === ROUNDS - 1;
  const before = last ? await predict() : undefined;
  let changed = networks.unet;
  const switching = await costOf(async () => {
    const painter = await adapted!.provide(loras, makeRoom, console.log, async () => undefined);
    await painter.unet.prepare(shape);
    await painter.prompts.prepare();
    changed = painter.unet;
  });
  if (before !== undefined) {
    const other = await predict(changed);
    const after = await predict();
    exact = before.every((value, i) => Object.is(value, after[i])) && before.some((value, i) => value !== other[i]);
  }
  await model.release();
  costs.push({ loading, switching });
  const show = ({ wall, processor }: Cost) => `${wall.toFixed(2)} s (${processor.toFixed(2)} s of processor time)`;
  console.log(`round ${round + 1}: the model ${show(loading)}, a LoRA ${show(switching)}`);
}
await rm(folder, { recursive: true });

/** The first round may have filled the weight cache. */
const counted = costs.slice(Math.min(1, ROUNDS - 1));
const total = (part: "loading" | "switching", clock: keyof Cost) => counted.reduce((sum, cost) => sum + cost[part][clock], 0);
const ratio = (clock: keyof Cost) => total("switching", clock) / total("loading", clock);
console.log(`a LoRA costs ${ratio("processor").toFixed(2)} of the model's processor time, ${ratio("wall").toFixed(2)} of its time`);
console.log(`without the LoRA the U-Net answers ${exact ? "what it answered before" : "SOMETHING ELSE"}`);
process.exitCode = exact && ratio("processor") < 1 ? 0 : 1;
