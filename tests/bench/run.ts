import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { type Contestant, duels, type Measurement, starts } from "./duel.js";
import { markdown, type Results } from "./report.js";
import type { Task } from "./serve.js";
import type { OurTask } from "./serve-ours.js";
import { writeCheckpoint } from "./write-checkpoint.js";

const USAGE = `npm run bench -- [--folder DIR] [--python PATH] [--only PIECE,…] [--rounds N] [--threads N] [--write FILE]

Measures our networks at the size of Stable Diffusion 1.5 on random weights (2.1 GB, made once in DIR), in turns with peers on the same
weights when a Python with torch and diffusers is found (PATH, or $DREAM_BENCH_PYTHON, or python3). The peers' graphs take 5.5 GB in DIR.
Pieces: step-512, step-256, vae-512, vae-256, text, start. What was measured before stays in DIR/results.json and in the table.`;

type Piece = "step-512" | "step-256" | "vae-512" | "vae-256" | "text" | "start";
const PIECES: readonly Piece[] = ["step-512", "step-256", "vae-512", "vae-256", "text", "start"];

const { values: given } = parseArgs({
  options: {
    folder: { type: "string", default: path.join(tmpdir(), "dream-bench") },
    python: { type: "string", default: process.env.DREAM_BENCH_PYTHON ?? "python3" },
    only: { type: "string", default: PIECES.join(",") },
    rounds: { type: "string", default: "5" },
    threads: { type: "string", default: String(physicalCores()) },
    write: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

/** Processors that share a core count once, where the system tells. */
function physicalCores(): number {
  try {
    const blocks = readFileSync("/proc/cpuinfo", "utf8")
      .split("\n\n")
      .filter((block) => block.includes("core id"));
    const cores = new Set(blocks.map((block) => `${/core id\s*: (\d+)/.exec(block)?.[1]}/${/physical id\s*: (\d+)/.exec(block)?.[1]}`));
    return cores.size || cpus().length;
  } catch {
    return cpus().length;
  }
}

class Bench {
  readonly checkpoint: string;
  private readonly here = path.dirname(fileURLToPath(import.meta.url));
  private readonly peersScript = path.join(PACKAGE_ROOT, "tests", "bench", "peers.py");
  private readonly exported: string;
  private readonly hasPython: boolean;
  readonly pythonVersions: Record<string, string>;

  constructor(
    private readonly folder: string,
    private readonly python: string,
    private readonly threads: number,
    private readonly rounds: number,
  ) {
    this.checkpoint = path.join(folder, "sd15-random-fp16.safetensors");
    this.exported = path.join(folder, "exported");
    const script = "import json, torch, diffusers; print(json.dumps({m.__name__: m.__version__ for m in (torch, diffusers)}))";
    const answer = spawnSync(python, ["-c", script], { encoding: "utf8" });
    this.hasPython = answer.status === 0;
    this.pythonVersions = this.hasPython ? (JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as Record<string, string>) : {};
    if (!this.hasPython) note(`${python} has no torch and diffusers: the peers are left out`);
  }

  /** Makes what is missing: the checkpoint, and the peers' graphs where Python can. */
  prepare(): void {
    if (!existsSync(this.checkpoint)) note("writing the checkpoint");
    writeCheckpoint(this.checkpoint);
    if (!this.hasPython || existsSync(path.join(this.exported, "unet", "model.onnx"))) return;
    note("exporting the peers' graphs");
    const args = [this.peersScript, "export", "--checkpoint", this.checkpoint, "--out", this.exported];
    const done = spawnSync(this.python, args, { stdio: ["ignore", "ignore", "inherit"] });
    if (done.status !== 0) note("the export failed: the exporter's graph is left out");
  }

  measure(piece: Piece): Promise<Measurement[]> {
    switch (piece) {
      case "step-512":
        return this.compare("unet", 64);
      case "step-256":
        return this.compare("unet", 32);
      case "vae-512":
        return this.compare("vae_decoder", 64);
      case "vae-256":
        return this.compare("vae_decoder", 32);
      case "text":
        return this.compare("text", 0);
      case "start":
        return this.startUp();
    }
  }

  private compare(network: Task["network"], side: number): Promise<Measurement[]> {
    const contestants = [
      ...this.exporter(network, side),
      this.ours("this program, fast", { network, side, memory: "fast" }),
      ...(network === "text" ? [] : [this.ours("this program, lean", { network, side, memory: "lean" })]),
      ...this.torch(network, side, "float32"),
      ...this.torch(network, side, "bfloat16"),
    ];
    return duels(contestants[0]!, contestants.slice(1), this.rounds, report);
  }

  private async startUp(): Promise<Measurement[]> {
    const task = { network: "unet", side: 64, memory: "fast", encodeFirst: true } as const;
    const modelCache = path.join(this.folder, "model-cache");
    rmSync(modelCache, { recursive: true, force: true });
    mkdirSync(modelCache, { recursive: true });
    const inPlace = this.ours("this program, in place", task);
    const cached = this.ours("this program, from its cache", { ...task, modelCache });
    const [filling] = await starts([{ ...cached, name: "this program, filling its cache" }], 1, report);
    const others = await starts([...this.exporter("unet", 64), inPlace, cached], 3, report);
    rmSync(modelCache, { recursive: true, force: true });
    return [...others, filling!];
  }

  private ours(name: string, task: Omit<OurTask, "threads" | "modelCache"> & Partial<OurTask>): Contestant {
    const json = JSON.stringify({ modelCache: "off", ...task, threads: this.threads });
    return { name, command: process.execPath, args: [path.join(this.here, "serve-ours.js"), this.checkpoint, json] };
  }

  private exporter(network: string, side: number): Contestant[] {
    if (!existsSync(path.join(this.exported, network, "model.onnx"))) return [];
    const json = JSON.stringify({ network, side, threads: this.threads });
    const args = [path.join(this.here, "serve-exported.js"), this.exported, json];
    return [{ name: "onnxruntime, the Python exporter's graph", command: process.execPath, args }];
  }

  private torch(network: string, side: number, dtype: string): Contestant[] {
    if (!this.hasPython) return [];
    const args = [this.peersScript, "serve", "--checkpoint", this.checkpoint, "--network", network, "--side", String(side)];
    args.push("--dtype", dtype, "--threads", String(this.threads));
    return [{ name: `diffusers on torch, ${dtype}`, command: this.python, args }];
  }
}

function report({ name, seconds, ratio, startSeconds, peakBytes }: Measurement): void {
  const compared = ratio === undefined ? "" : ` (${ratio.toFixed(2)})`;
  const gigabytes = (peakBytes / 1e9).toFixed(1);
  process.stderr.write(`  ${name}: ${seconds.toFixed(3)} s${compared}, start ${startSeconds.toFixed(1)} s, peak ${gigabytes} GB\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(): Promise<void> {
  if (given.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const folder = path.resolve(given.folder);
  mkdirSync(folder, { recursive: true });
  const threads = Number(given.threads);
  const bench = new Bench(folder, given.python, threads, Number(given.rounds));
  bench.prepare();
  const file = path.join(folder, "results.json");
  const results: Results = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : { pieces: {}, machine: {} };
  const runtime = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, "node_modules", "onnxruntime-node", "package.json"), "utf8")) as {
    version: string;
  };
  results.machine = {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    threads: String(threads),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    "onnxruntime-node": runtime.version,
    ...bench.pythonVersions,
  };
  for (const piece of given.only.split(",")) {
    if (!PIECES.includes(piece as Piece)) throw new Error(`there is no piece ${piece}: choose among ${PIECES.join(", ")}`);
    note(piece);
    results.pieces[piece] = await bench.measure(piece as Piece);
    writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  }
  const table = markdown(results);
  process.stdout.write(table);
  if (given.write !== undefined) writeFileSync(path.resolve(given.write), table);
}

await main();
