import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type ClipTokenizer, loadTokenizer } from "../conditioning/tokenizer.js";
import type { LoadRequest } from "../engine/protocol.js";
import type { ModelComponents } from "../models/model-components.js";
import { vaeScale } from "../models/open-diffusers.js";
import { openModel } from "../models/open-model.js";
import { openPreviewDecoder, type PreviewDecoderFiles } from "../models/open-preview-decoder.js";
import { weightsHash } from "../models/weights-hash.js";
import { type PreviewMatrix, readPreviewMatrix } from "./latent-preview.js";

/** A model whose files were read and understood, before any network exists. */
export interface OpenedModel {
  readonly request: LoadRequest;
  readonly components: ModelComponents;
  readonly tokenizer: ClipTokenizer;
  readonly preview: PreviewMatrix;
  /** Shows previews instead, where the registry names one or the model's folder has one. */
  readonly previewDecoder?: PreviewDecoderFiles;
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
    previewDecoder: await findPreviewDecoder(request),
    hash: await weightsHash(weightFiles(components), request.modelCache),
    stamp,
  };
}

/** Folder of a model's own preview decoder. */
const OWN_PREVIEW_DECODER = "preview_decoder";

async function findPreviewDecoder({ path, previewDecoder }: LoadRequest): Promise<PreviewDecoderFiles | undefined> {
  if (previewDecoder !== undefined) return openPreviewDecoder(previewDecoder);
  const own = join(path, OWN_PREVIEW_DECODER);
  return existsSync(own) ? openPreviewDecoder(own) : undefined;
}

/** True when both requests ask for the same networks; how many models may stay loaded does not matter. */
export function isSameModel(one: LoadRequest, other: LoadRequest): boolean {
  return (["path", "config", "vae", "previewDecoder", "memory", "modelCache", "threads"] as const).every((key) => one[key] === other[key]);
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
