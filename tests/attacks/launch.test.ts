import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { writeBrokenCheckpoint } from "../support/broken-checkpoint.js";
import { MINIATURE, type ProgramOptions, runProgram } from "../support/run-program.js";
import { safetensorsBytes, type TensorToWrite, withHeader } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* The real program, started with something that is not what it should be: one line, a status that is not 0, nothing written. */

// Programs and engines are started; on a busy machine one start has taken half a minute.
jest.setTimeout(240_000);

const folder = await temporaryFolder();
let files = 0;

function file(bytes: Uint8Array | string): string {
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

function withKeys(...keys: string[]): string {
  const tensors: Record<string, TensorToWrite> = {};
  for (const key of keys) tensors[key] = { dtype: "F16", shape: [4, 4] };
  return file(safetensorsBytes(tensors));
}

const whole = readFileSync(join(PACKAGE_ROOT, "tests", "oracles", "miniatures", "sd1-fp16.safetensors"));
const overlapping = { a: { dtype: "U8", shape: [6], data_offsets: [0, 6] }, b: { dtype: "U8", shape: [4], data_offsets: [4, 8] } };
const oversized = new Uint8Array(16);
new DataView(oversized.buffer).setBigUint64(0, 100_000_001n, true);
const plain = file("a file");
const key = "model.diffusion_model.input_blocks.1.0.in_layers.2.weight";
const incomplete = await writeBrokenCheckpoint(folder, "incomplete", (tensors) => {
  delete tensors[key];
});

interface Launch extends ProgramOptions {
  readonly switches: readonly string[];
  readonly status?: number;
  readonly says: string;
}

const model = (path: string, says: string): Launch => ({ switches: ["--model", path], says });

const LAUNCHES: Readonly<Record<string, Launch>> = {
  "no such model": model("no-such-model", '"no-such-model" is neither a known model name nor a file; give a name'),
  "truncated file": model(file(whole.subarray(0, whole.length - 100)), "has 459586 bytes but its header describes 459686; download"),
  "overlapping tensors": model(file(withHeader(JSON.stringify(overlapping), new Uint8Array(8))), '"b" overlaps another'),
  "oversized header": model(file(oversized), "its header would have 100000001 bytes"),
  "header that is not JSON": model(file(withHeader("{nope}")), "the header is not valid JSON"),
  LoRA: model(withKeys("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight"), "is a LoRA, not a model"),
  VAE: model(withKeys("decoder.conv_in.weight", "encoder.conv_in.weight"), "is a VAE alone, not a whole model"),
  SDXL: model(
    withKeys("conditioner.embedders.0.x", "model.diffusion_model.label_emb.0.0.weight"),
    "SDXL checkpoint, which is not supported yet",
  ),
  SD3: model(withKeys("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight"), "SD3 checkpoint, which is not supported yet"),
  "missing key": model(incomplete, `has no tensor ${key} (down_blocks.0.resnets.0.conv1.weight) (expected [4, 4, 3, 3])`),
  "not enough memory": {
    ...model(MINIATURE, "64×64 needs about 0.2 GB of memory with this model and 0."),
    environment: { DREAM_AVAILABLE_MEMORY: "1000000" },
  },
  "output below a file": { switches: ["--model", MINIATURE, "-o", join(plain, "out")], says: "a part of the path is a file" },
  "width that is no number": { switches: ["-W", "wide"], status: 2, says: "invalid int value: 'wide'" },
  "height of nothing": { switches: ["-H", "0"], status: 2, says: "Height (-H) must be at least 64 pixels, not 0" },
  "unknown sampler": { switches: ["-A", "k_magic"], status: 2, says: "invalid choice: 'k_magic' (choose from 'ddim'" },
};

/** Few at a time: every program starts an engine of its own. */
async function pooled<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await run(item);
  };
  await Promise.all([worker(), worker(), worker()]);
}

test("whatever is wrong at launch is said in one line, and nothing is written", async () => {
  await pooled(Object.entries(LAUNCHES), async ([name, { switches, status = 1, says, ...options }]) => {
    const cwd = mkdtempSync(join(folder, "run-"));
    const outdir = switches.includes("-o") ? [] : ["-o", join(cwd, "out")];
    const end = await runProgram([...outdir, ...switches], { lines: "a cat\n", ...options });
    expect({ name, status: end.status }).toEqual({ name, status });
    expect(end.errors).toMatch(/^dream-repl: .+\n$/);
    expect(end.errors).toContain(says);
    const written = readdirSync(cwd, { recursive: true }).filter((entry) => entry !== "out");
    expect({ name, written }).toEqual({ name, written: [] });
  });
}, 180_000); // Fifteen programs on a busy machine.

test("a run without the cache writes nothing but its pictures and logs", async () => {
  const home = mkdtempSync(join(folder, "home-"));
  const places = { HOME: home, XDG_CACHE_HOME: join(home, "cache"), TMPDIR: home };
  mkdirSync(join(home, "cache"));
  const end = await runProgram(["--model", MINIATURE, "-o", join(home, "out")], { lines: "a -s1 -S7\n", environment: places });
  expect(end).toMatchObject({ status: 0, errors: "" });
  expect(readdirSync(home, { recursive: true }).sort()).toEqual(
    ["cache", "out", ...["000001.7.png", "dream_log.md", "dream_log.txt"].map((name) => join("out", name))].sort(),
  );
});
