import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DreamError } from "../../errors.js";
import { listFolder } from "../component-weights.js";
import type { ModelComponents } from "../model-components.js";
import { openModel } from "../open-model.js";
import { isOnnxFolder } from "../open-onnx.js";
import type { Registry } from "./registry.js";

/** Folders of models nest a few levels; what is deeper is something else. */
const DEEPEST = 8;
/** Files and folders that are looked at, at most. */
const MOST_LOOKED_AT = 20_000;
/** Models that one scan finds, at most. */
const MOST_FOUND = 500;

/** What a model's files say about it, as far as the registry wants to know. */
export interface ProbedModel {
  /** Absolute. */
  readonly path: string;
  readonly layout: ModelComponents["layout"];
  /** For example "SD 1.x". */
  readonly family: string;
  /** Native size in pixels. */
  readonly width: number;
  readonly height: number;
}

/** What a scan found. */
export interface Scan {
  readonly models: readonly ProbedModel[];
  /** Sentences about files that look like models but are not, or not alone, or not now. */
  readonly skipped: readonly string[];
  /** Sentences about files that the registry has already. */
  readonly registered: readonly string[];
}

/**
 * Finds out what lies at a path from headers and configurations alone.
 * @param path absolute
 * @throws DreamError model/*, weights/*, safetensors/*, file/*: why it is no model that can be used
 */
export async function probeModel(path: string): Promise<ProbedModel> {
  const { layout, family, nativeSize } = await openModel(path);
  return { path, layout, family, ...nativeSize };
}

/** True for a folder that is one model itself. */
export function isModelFolder(folder: string): boolean {
  return existsSync(join(folder, "model_index.json")) || isOnnxFolder(folder);
}

/** The name of a file or folder as a model's name: no extension, no characters that names may not have. */
export function modelStem(path: string): string {
  const stem = basename(path).replace(/\.(safetensors|ckpt|pt|pth|onnx)$/i, "");
  return stem.replaceAll(/[^\w.+:-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "model";
}

/**
 * Looks through a folder and those below it for models that the registry does not have yet. Parts of diffusers folders are not models;
 * LoRAs, VAEs and whatever else a .safetensors file can be are told with what they are.
 *
 * @param folder absolute
 * @throws DreamError file/not-found, file/unreadable
 */
export async function scanModels(folder: string, registry: Registry): Promise<Scan> {
  const { paths, skipped } = await findCandidates(folder);
  const names = new Map(registry.names.map((name) => [name, name]));
  for (const { name, path } of registry.entries.values()) names.set(modelStem(path), name);
  const models: ProbedModel[] = [];
  const registered: string[] = [];
  for (const path of paths) {
    const stem = modelStem(path);
    if (names.has(stem)) {
      registered.push(`${path} is already registered as ${names.get(stem)}`);
      continue;
    }
    if (models.length === MOST_FOUND) {
      skipped.push(`${path} and what follows: ${MOST_FOUND} models at once are enough`);
      break;
    }
    const twin = models.find((model) => modelStem(model.path) === stem);
    const probed = twin ? `${path} has the same name as ${twin.path}` : await probeModel(path).catch(asSentence);
    if (typeof probed === "string") skipped.push(probed);
    else models.push(probed);
  }
  return { models, skipped, registered };
}

function asSentence(error: unknown): string {
  if (error instanceof DreamError) return error.message;
  throw error;
}

interface Candidates {
  /** Everything that could be a model, folder by folder, in the order of names. */
  readonly paths: string[];
  /** Sentences about places that were not looked into. */
  readonly skipped: string[];
}

async function findCandidates(folder: string): Promise<Candidates> {
  const found: Candidates = { paths: [], skipped: [] };
  const folders = [{ place: folder, depth: 0 }];
  const seen = new Set<string>();
  let looked = 0;
  for (const { place, depth } of folders) {
    // Symbolic links may lead back to where we came from.
    const real = await realpath(place).catch(() => place);
    if (seen.has(real)) continue;
    seen.add(real);
    for (const name of await namesIn(place, depth === 0, found.skipped)) {
      if (++looked > MOST_LOOKED_AT) {
        found.skipped.push(`${folder} holds more than ${MOST_LOOKED_AT} files, and the rest was not looked at`);
        return found;
      }
      const path = join(place, name);
      if (name.startsWith(".")) continue;
      if (isModelFile(name) || isModelFolder(path)) found.paths.push(path);
      else if (!(await isFolder(path))) continue;
      else if (depth < DEEPEST) folders.push({ place: path, depth: depth + 1 });
      else found.skipped.push(`${path} lies deeper than ${DEEPEST} levels`);
    }
  }
  return found;
}

/** A folder that cannot be read is said; only when it is the one that was asked for is that a failure. */
async function namesIn(place: string, isAskedFor: boolean, skipped: string[]): Promise<string[]> {
  try {
    return (await listFolder(place)).sort();
  } catch (error) {
    if (isAskedFor || !(error instanceof DreamError)) throw error;
    skipped.push(error.message);
    return [];
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

/** Weights under the names that diffusers gives to parts, whole, in variants or in shards, are no models of their own. */
function isModelFile(name: string): boolean {
  return /\.(safetensors|ckpt)$/i.test(name) && !/^(model|diffusion_pytorch_model)[.-]/i.test(name);
}
