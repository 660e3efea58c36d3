import { isTorchFile, openTorchSource } from "./pickle/open-torch-file.js";
import { openSafetensors } from "./safetensors.js";
import type { WeightSource } from "./tensor.js";
import { weightSource } from "./weight-source.js";

/** The tensors of a file and what it says about itself. */
export interface OpenedWeights {
  readonly weights: WeightSource;
  /** Empty for files by torch. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Opens a file of tensors: by torch when it is called so (.ckpt, .pt, .pth, .bin), else .safetensors.
 * @throws DreamError file/*, safetensors/*, pickle/*
 */
export async function openWeights(path: string): Promise<OpenedWeights> {
  if (isTorchFile(path)) return { weights: await openTorchSource(path), metadata: new Map() };
  const { tensors, metadata } = await openSafetensors(path);
  return { weights: weightSource(path, tensors), metadata };
}
