import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { openWeights } from "../checkpoints/open-weights.js";
import type { TensorRef, WeightSource } from "../checkpoints/tensor.js";
import { weightSource } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import type { CompactConfig, RrdbConfig, UpscalerConfig } from "../networks/upscaler-config.js";
import { upscalerScale } from "../networks/upscaler-config.js";

/** An upscaler whose graph we build, or one that was exported. */
export type UpscalerFiles = { readonly config: UpscalerConfig; readonly weights: WeightSource } | { readonly graph: string };

/** No published network is wider or deeper. */
const LARGEST = { features: 1024, blocks: 256, scale: 8 };

/**
 * Finds out which upscaler a file holds: RRDBNet or the compact form by its keys and shapes, or an exported graph. No weights are read.
 * @param path a .safetensors or .pth file, an .onnx file, or a folder with `model.onnx`; relative to the working directory
 * @throws DreamError model/not-found, model/format, upscaler/unsupported, weights/*, and what the readers of both formats throw
 */
export async function openUpscaler(path: string): Promise<UpscalerFiles> {
  const file = resolve(path);
  if (!existsSync(file)) throw new DreamError("model/not-found", `the upscaler ${path} does not exist`);
  if (/\.onnx$/i.test(file)) return { graph: file };
  const inFolder = join(file, "model.onnx");
  if (existsSync(inFolder)) return { graph: inFolder };
  const { weights } = await openWeights(file);
  return describeUpscaler(path, new Map([...weights.keys()].map((key) => [key, weights.get(key) as TensorRef])));
}

/**
 * Everything that follows from an upscaler's keys and shapes.
 * @throws DreamError upscaler/unsupported, weights/missing-key
 */
export function describeUpscaler(origin: string, tensors: ReadonlyMap<string, TensorRef>): Extract<UpscalerFiles, { config: object }> {
  const { renamed, names } = commonKeys(tensors);
  const weights = weightSource(origin, renamed, (key) => names.get(key) ?? key);
  const first = renamed.get("conv_first.weight");
  const config = first !== undefined ? rrdbConfig(weights) : renamed.has("body.0.weight") ? compactConfig(weights) : undefined;
  if (config === undefined) {
    throw new DreamError(
      "upscaler/unsupported",
      `${origin} is no upscaler that is known: it is neither an RRDBNet nor of the compact form`,
    );
  }
  const scale = upscalerScale(config);
  if (scale < 2) throw new DreamError("upscaler/unsupported", `${origin} leaves the size as it is; an upscaler enlarges 2 to 8 times`);
  return { config, weights };
}

/** How training frameworks wrap what they store. */
const WRAPPERS = ["params_ema.", "params.", "module."];

/** Names of the three published generations, by Real-ESRGAN's: its own, ESRGAN's from 2018, and those of ESRGAN's first release. */
const OLDER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^RRDB_trunk\.(\d+)\.RDB(\d)\.conv(\d)\./, "body.$1.rdb$2.conv$3."],
  [/^trunk_conv\./, "conv_body."],
  [/^upconv(\d)\./, "conv_up$1."],
  [/^HRconv\./, "conv_hr."],
  [/^model\.0\./, "conv_first."],
  [/^model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\./, "body.$1.rdb$2.conv$3."],
  [/^model\.1\.sub\.\d+\.(?=weight$|bias$)/, "conv_body."],
];

/** What stands behind the blocks of ESRGAN's first release, whose places depend on the number of doublings. */
const NUMBERED_ENDS: Readonly<Record<string, readonly string[]>> = {
  "model.7.": ["model.3.", "conv_up1.", "model.5.", "conv_hr.", "model.7.", "conv_last."],
  "model.10.": ["model.3.", "conv_up1.", "model.6.", "conv_up2.", "model.8.", "conv_hr.", "model.10.", "conv_last."],
};

/** The tensors by Real-ESRGAN's keys, and how the file calls them. */
function commonKeys(tensors: ReadonlyMap<string, TensorRef>): { renamed: Map<string, TensorRef>; names: ReadonlyMap<string, string> } {
  const prefix = WRAPPERS.find((wrapper) => [...tensors.keys()].every((key) => key.startsWith(wrapper))) ?? "";
  const numbered = Object.entries(NUMBERED_ENDS).find(([last]) => tensors.has(`${prefix}${last}weight`))?.[1] ?? [];
  const renamed = new Map<string, TensorRef>();
  const names = new Map<string, string>();
  for (const [name, ref] of tensors) {
    const key = commonKey(name.slice(prefix.length), numbered);
    if (renamed.has(key))
      throw new DreamError("upscaler/unsupported", `${ref.file} holds ${key} twice, as ${names.get(key)} and as ${name}`);
    renamed.set(key, ref);
    names.set(key, name);
  }
  return { renamed, names };
}

function commonKey(name: string, numbered: readonly string[]): string {
  for (let i = 0; i < numbered.length; i += 2) {
    if (name.startsWith(numbered[i]!)) return numbered[i + 1]! + name.slice(numbered[i]!.length);
  }
  return OLDER_NAMES.reduce((key, [pattern, replacement]) => key.replace(pattern, replacement), name);
}

function rrdbConfig(weights: WeightSource): RrdbConfig {
  const [features, inputs] = shapeOf(weights, "conv_first.weight");
  const [growth] = shapeOf(weights, "body.0.rdb1.conv1.weight");
  const unshuffle = ([1, 2, 4] as const).find((side) => inputs === 3 * side * side);
  if (unshuffle === undefined) throw unsupported(weights, `it takes ${inputs} channels instead of 3, 12 or 48`);
  const blocks = countFrom(weights, /^body\.(\d+)\./);
  checkSize(weights, Math.max(features, growth), blocks);
  return { kind: "rrdb", features, growth, blocks, unshuffle, doublings: weights.get("conv_up2.weight") === undefined ? 1 : 2 };
}

function compactConfig(weights: WeightSource): CompactConfig {
  const [features, inputs] = shapeOf(weights, "body.0.weight");
  if (inputs !== 3) throw unsupported(weights, `it takes ${inputs} channels instead of 3`);
  if (weights.get("body.1.weight") === undefined) throw unsupported(weights, "only PReLUs are known between its convolutions");
  const places = countFrom(weights, /^body\.(\d+)\./);
  checkSize(weights, features, places);
  const [outputs] = shapeOf(weights, `body.${places - 1}.weight`);
  const scale = Math.sqrt(outputs / 3);
  // Convolutions and PReLUs take turns, and a convolution is first and last.
  if (places % 2 === 0) throw unsupported(weights, "it does not end with a convolution");
  if (!Number.isInteger(scale) || scale > LARGEST.scale) throw unsupported(weights, `its last layer has ${outputs} channels`);
  return { kind: "compact", features, convolutions: (places - 3) / 2, scale };
}

/** Extents of a tensor's first two axes. */
function shapeOf(weights: WeightSource, key: string): readonly [number, number] {
  const shape = weights.get(key)?.shape;
  if (shape === undefined)
    throw new DreamError("weights/missing-key", `${weights.origin} has no tensor ${weights.nameInFile?.(key) ?? key}`);
  const [outputs = 0, inputs = 0] = shape;
  return [outputs, inputs];
}

/** One more than the largest number in the keys of a pattern. */
function countFrom(weights: WeightSource, pattern: RegExp): number {
  let count = 0;
  for (const key of weights.keys()) count = Math.max(count, Number(pattern.exec(key)?.[1] ?? -1) + 1);
  return count;
}

function checkSize(weights: WeightSource, features: number, depth: number): void {
  if (features < 1 || features > LARGEST.features) throw unsupported(weights, `it has ${features} channels, at most ${LARGEST.features}`);
  if (depth > LARGEST.blocks) throw unsupported(weights, `it has ${depth} layers in a row, at most ${LARGEST.blocks}`);
}

function unsupported({ origin }: WeightSource, why: string): DreamError {
  return new DreamError("upscaler/unsupported", `the upscaler ${origin} is not supported: ${why}`);
}
