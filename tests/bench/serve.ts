import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Float32Normals } from "./normals.js";

/** What one measured process says about itself. */
export interface Contestant {
  /** Seconds from the request to load until a first call can begin. */
  readonly loadSeconds: number;
  /** Does the measured work once; the same input every time. */
  readonly call: () => Promise<Float32Array>;
}

/** The size that a contestant is asked for. */
export interface Task {
  readonly network: "unet" | "vae_decoder" | "text";
  /** Latent extents. */
  readonly side: number;
  readonly threads: number;
}

/**
 * Answers the referee over standard input and output, one JSON object a line: `{"loadSeconds"}` when ready, `{"seconds"}` for every
 * line "go", `{"peakBytes", "probe"}` for "quit". `peers.py serve` speaks the same, without a probe: its inputs are others.
 */
export async function serve(contestant: Contestant): Promise<void> {
  const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  say({ loadSeconds: contestant.loadSeconds });
  let output: Float32Array = new Float32Array();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "quit") break;
    const started = performance.now();
    output = await contestant.call();
    say({ seconds: (performance.now() - started) / 1000 });
  }
  say({ peakBytes: peakBytes(), probe: probe(output) });
}

/** Some values from all over an output: enough to see that two programs computed the same. */
function probe(output: Float32Array): number[] {
  const count = Math.min(output.length, 256);
  return Array.from({ length: count }, (_, index) => output[Math.floor((index * output.length) / count)]!);
}

/** The most memory this process has held so far (VmHWM, pages of mapped files included); 0 where the system does not tell. */
function peakBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return 1024 * Number(line?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Inputs of one guided step (two passes in one batch) of a U-Net with a context of `width` channels, standard normal. */
export function stepInputs(side: number, width: number): { sample: Float32Array; context: Float32Array } {
  const normals = new Float32Normals(1);
  return { sample: normals.take(2 * 4 * side * side), context: normals.take(2 * 77 * width) };
}

/** A latent for the VAE decoder. */
export function latentInput(side: number): Float32Array {
  return new Float32Normals(2).take(4 * side * side);
}
