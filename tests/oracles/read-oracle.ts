import { readFileSync } from "node:fs";
import path from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** One stored value: inputs and outputs of a reference network. */
export interface OracleTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** The folder of the committed oracles, also when the tests run from `dist/`. */
export const ORACLES = path.join(PACKAGE_ROOT, "tests", "oracles");

/** The folder of the miniature checkpoints. */
export const MINIATURES = path.join(ORACLES, "miniatures");

/**
 * Reads `tests/oracles/FOLDER/NAME.safetensors`. The tests keep a reader of their own, so that a mistake in the program's reader
 * cannot hide itself.
 * @returns the stored tensors (F32 and I32) by name; the folder's `make.py` explains the names
 */
export function readOracle(name: string, folder = "networks"): ReadonlyMap<string, OracleTensor> {
  const file = readFileSync(path.join(ORACLES, folder, `${name}.safetensors`));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header: unknown = JSON.parse(file.toString("utf8", 8, start));
  const tensors = new Map<string, OracleTensor>();
  for (const [key, entry] of Object.entries(header as Record<string, HeaderEntry>)) {
    if (key === "__metadata__") continue;
    const bytes = Uint8Array.from(file.subarray(start + entry.data_offsets[0], start + entry.data_offsets[1])).buffer;
    tensors.set(key, { shape: entry.shape, data: entry.dtype === "I32" ? new Int32Array(bytes) : new Float32Array(bytes) });
  }
  return tensors;
}

interface HeaderEntry {
  readonly dtype: "F32" | "I32";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** One float tensor of an oracle; a misspelt name fails with the names there are. */
export function floats(oracle: ReadonlyMap<string, OracleTensor>, key: string): Float32Array {
  const tensor = oracle.get(key);
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`no floats called ${key} among ${[...oracle.keys()].join(", ")}`);
  return tensor.data;
}

/** One tensor of whole numbers of an oracle. */
export function integers(oracle: ReadonlyMap<string, OracleTensor>, key: string): Int32Array {
  const tensor = oracle.get(key);
  if (!(tensor?.data instanceof Int32Array)) throw new Error(`no integers called ${key} among ${[...oracle.keys()].join(", ")}`);
  return tensor.data;
}

/**
 * The largest absolute difference, as a fraction of the largest expected magnitude: one number that a test can bound.
 * Differing lengths and NaN give Infinity.
 */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst / largest;
}
