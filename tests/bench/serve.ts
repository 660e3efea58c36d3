import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Float32Normals } from "./normals.js";

/** What one measured process says about itself. */
export interface Contestant {
  /** Seconds from the request to load until a first call can begin. */
  readonly loadSeconds: number;
  /** Does the measured work once. */
  readonly call: () => Promise<unknown>;
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
 * line "go", `{"peakBytes"}` for "quit". `peers.py serve` speaks the same.
 */
export async function serve(contestant: Contestant): Promise<void> {
  const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  say({ loadSeconds: contestant.loadSeconds });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "quit") break;
    const started = performance.now();
    await contestant.call();
    say({ seconds: (performance.now() - started) / 1000 });
  }
  say({ peakBytes: peakBytes() });
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

/** Inputs of one guided step (two passes in one batch) of an SD 1.5 U-Net, standard normal. */
export function stepInputs(side: number): { sample: Float32Array; context: Float32Array } {
  const normals = new Float32Normals(1);
  return { sample: normals.take(2 * 4 * side * side), context: normals.take(2 * 77 * 768) };
}

/** A latent for the VAE decoder. */
export function latentInput(side: number): Float32Array {
  return new Float32Normals(2).take(4 * side * side);
}
