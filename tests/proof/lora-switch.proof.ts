import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UNet } from "../../lib/networks/network-sessions.js";
import type { NetworkParts } from "../../lib/networks/parts.js";
import type { AdaptedNetworks } from "../../lib/pipeline/adapted-networks.js";
import { LiveModel } from "../../lib/pipeline/live-model.js";
import { openFiles, pixelsPerLatent } from "../../lib/pipeline/opened-model.js";
import { loadRequest } from "../engine/fakes.js";
import { safetensorsBytes, type TensorToWrite } from "../support/safetensors-bytes.js";
import { sampleNumbers } from "../support/tiny-source.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: making a loaded model ready for pictures with a LoRA costs less than loading the model; afterwards the U-Net without the LoRA
 * answers what it answered before, bit for bit. The LoRA has rank 16 in every attention layer of the U-Net and every layer of the text
 * encoder. Every round is a process of its own, so that each finds the memory as the program does. Processor time is compared, which changes
 * less than the clock's with what else the machine does, of one thread: threads that wait for work count as busy.
 * Arguments: the path of another model; the folder of its weight cache, or "off"; rounds.
 */
const RANK = 16;
const ROUNDS = Number(process.argv[4] ?? 3);

/** Seconds. */
interface Cost {
  readonly wall: number;
  readonly processor: number;
}

interface Round {
  readonly loading: Cost;
  readonly switching: Cost;
  /** Whether the U-Net answered as before; absent where that was not tried. */
  readonly exact?: boolean;
}

if (process.argv[5] === undefined) await main();
else process.stdout.write(JSON.stringify(await measure(process.argv[5] === "exact")));

async function main(): Promise<void> {
  const model = await proofModel();
  const rounds: Round[] = [];
  // The first may have to fill the weight cache and to read from the disk; it does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    const words = [fileURLToPath(import.meta.url), model, process.argv[3] ?? "off", "1", round === ROUNDS ? "exact" : "once"];
    const { stdout, status } = spawnSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    if (status !== 0) throw new Error(`round ${round} ended with status ${status}`);
    const measured = JSON.parse(stdout) as Round;
    const show = ({ wall, processor }: Cost) => `${wall.toFixed(2)} s (${processor.toFixed(2)} s of processor time)`;
    console.log(
      `${round === 0 ? "not counted" : `round ${round}`}: the model ${show(measured.loading)}, a LoRA ${show(measured.switching)}`,
    );
    if (round > 0) rounds.push(measured);
  }
  const total = (part: "loading" | "switching", clock: keyof Cost) => rounds.reduce((sum, round) => sum + round[part][clock], 0);
  const ratio = (clock: keyof Cost) => total("switching", clock) / total("loading", clock);
  const exact = rounds.at(-1)?.exact === true;
  console.log(`a LoRA costs ${ratio("processor").toFixed(2)} of the model's processor time, ${ratio("wall").toFixed(2)} of its time`);
  console.log(`without the LoRA the U-Net answers ${exact ? "what it answered before" : "SOMETHING ELSE"}`);
  process.exitCode = exact && ratio("processor") < 1 ? 0 : 1;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const started = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 };
}

/** One round. */
async function measure(comparing: boolean): Promise<Round> {
  const request = { ...loadRequest(await proofModel()), modelCache: process.argv[3] ?? "off", threads: 1 };
  const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {} };
  const models: LiveModel[] = [];
  const loading = await costOf(async () => {
    const opened = await openFiles(request);
    const { nativeSize } = opened.components;
    const model = await LiveModel.create(opened, { mode: "fast", seamless: "" }, nativeSize, () => {});
    await model.prepare(nativeSize, report);
    models.push(model);
  });
  const [model] = models;
  if (model === undefined) throw new Error("nothing was loaded");
  const { components } = model.opened;
  if (components.layout === "onnx") throw new Error(`${request.path} holds exported graphs`);
  const { networks, adapted } = model;
  const scale = pixelsPerLatent(components);
  const shape = { batch: 2, height: components.nativeSize.height / scale, width: components.nativeSize.width / scale };
  const folder = await mkdtemp(join(tmpdir(), "dream-proof-"));
  const loras = [{ name: "random", path: await writeLora(components, folder), weight: 0.8 }];
  const { inChannels, crossAttentionDim } = components.unet.config;
  const sample = sampleNumbers(2 * inChannels * shape.height * shape.width, 1);
  const predict = (unet: UNet) => unet.predict(sample, 500, sampleNumbers(2 * 77 * crossAttentionDim, 2), shape);

  const before = comparing ? await predict(networks.unet) : undefined;
  let changed = networks.unet;
  const switching = await costOf(async () => {
    const makeRoom = async () => ({ leavingVariants: 0, plainLeaves: false });
    const painter = await (adapted as AdaptedNetworks).provide(loras, makeRoom, console.error, async () => undefined);
    await painter.unet.prepare(shape);
    await painter.prompts.prepare();
    changed = painter.unet;
  });
  await rm(folder, { recursive: true });
  if (before === undefined) return { loading, switching };
  const other = await predict(changed);
  const after = await predict(networks.unet);
  const exact = before.every((value, i) => Object.is(value, after[i])) && before.some((value, i) => value !== other[i]);
  return { loading, switching, exact };
}

/** Writes a LoRA with small random numbers for a model. */
async function writeLora({ unet, textEncoder }: NetworkParts, folder: string): Promise<string> {
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
