import { stat } from "node:fs/promises";
import { type ClipTokenizer, loadTokenizer } from "../conditioning/tokenizer.js";
import type { LoadRequest } from "../engine/protocol.js";
import type { ModelComponents } from "../models/model-components.js";
import { vaeScale } from "../models/open-diffusers.js";
import { openModel } from "../models/open-model.js";
import { weightsHash } from "../models/weights-hash.js";
import { type PreviewMatrix, readPreviewMatrix } from "./latent-preview.js";

/** A model whose files were read and understood, before any network exists. */
export interface OpenedModel {
  readonly request: LoadRequest;
  readonly components: ModelComponents;
  readonly tokenizer: ClipTokenizer;
  readonly preview: PreviewMatrix;
  /** Hex sha256 of the weights, or "NOHASH". */
  readonly hash: string;
  /** Sizes and times of the files when they were read. */
  readonly stamp: string;
}

/**
 * Reads what is needed to build a model's networks.
 * @throws DreamError model/*, safetensors/*, tokenizer/*, scheduler/*
 */
export async function openFiles(request: LoadRequest): Promise<OpenedModel> {
  const components = await openModel(request.path, { config: request.config, vae: request.vae });
  const stamp = await stampOf(components.files);
  const { folder, pad } = components.tokenizer;
  return {
    request,
    components,
    tokenizer: await loadTokenizer(folder, pad),
    preview: await readPreviewMatrix(request.path),
    hash: await weightsHash(weightFiles(components), request.modelCache),
    stamp,
  };
}

/** True when both requests ask for the same networks; how many models may stay loaded does not matter. */
export function isSameModel(one: LoadRequest, other: LoadRequest): boolean {
  return (["path", "config", "vae", "memory", "modelCache", "threads"] as const).every((key) => one[key] === other[key]);
}

/** True when the files are still those that were read. */
export async function isUnchanged({ components, stamp }: OpenedModel): Promise<boolean> {
  return stamp === (await stampOf(components.files));
}

export function pixelsPerLatent(components: ModelComponents): number {
  return components.layout === "onnx" ? 8 : vaeScale(components.vae.config);
}

/** A file that is gone counts as changed: opening it again says what is wrong. */
async function stampOf(files: readonly string[]): Promise<string> {
  const facts = files.map((file) =>
    stat(file).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => "gone",
    ),
  );
  return (await Promise.all(facts)).join();
}

/** Weights without the small text files beside them: the same weights have the same hash whatever their folder says about them. */
function weightFiles({ files }: ModelComponents): readonly string[] {
  return files.filter((file) => !/\.(json|txt|yaml)$/.test(file));
}
