import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openWeights } from "../../lib/checkpoints/open-weights.js";
import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import { safetensorsBytes, type TensorToWrite } from "./safetensors-bytes.js";

/** Numbers that look random and are the same every time, in −1 … 1. */
export function sampleNumbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
}

/** Float32 tensors with sample numbers, by key. */
export function sampleTensors(
  shapes: Readonly<Record<string, readonly number[]>>,
): Record<string, TensorToWrite & { values: Float32Array }> {
  const entries = Object.entries(shapes).map(([key, shape], index) => {
    const values = sampleNumbers(
      shape.reduce((product, extent) => product * extent, 1),
      index + 7,
    );
    return [key, { shape, values, data: new Uint8Array(values.buffer) }] as const;
  });
  return Object.fromEntries(entries);
}

/** A weight source over a freshly written file. */
export async function writeSource(folder: string, name: string, tensors: Readonly<Record<string, TensorToWrite>>): Promise<WeightSource> {
  const path = join(folder, name);
  await writeFile(path, safetensorsBytes(tensors));
  return (await openWeights(path)).weights;
}
