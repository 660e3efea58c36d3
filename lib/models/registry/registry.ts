import { existsSync, readlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DreamError } from "../../errors.js";
import { expandHome } from "../../home-folder.js";
import { isJsonObject, type JsonObject } from "../../json-file.js";
import { ConfigReader } from "../config-reader.js";
import { FACE_TOOLS, type FaceTool } from "../face-tools.js";
import { parseYamlMapping, readYamlText } from "../read-yaml.js";

const FORMATS = ["diffusers", "ckpt", "onnx"] as const;

/** One model of `configs/models.yaml`. Paths are absolute. */
export interface RegistryEntry {
  readonly name: string;
  readonly description: string;
  readonly format: (typeof FORMATS)[number];
  readonly path: string;
  /** Side configuration of a single-file model. */
  readonly config?: string;
  /** A VAE to use instead of the model's own: a file or a folder. */
  readonly vae?: string;
  /** A small decoder for previews: a folder in the layout of diffusers' AutoencoderTiny. */
  readonly previewDecoder?: string;
  readonly isDefault: boolean;
  /** What the model prefers where the command line says nothing. */
  readonly width?: number;
  readonly height?: number;
  readonly steps?: number;
  readonly cfgScale?: number;
  readonly sampler?: string;
}

/** What an entry is (`kind`) that is no model to draw with. */
const TOOL_KINDS = ["upscaler", "segmenter", "safety_checker", "face_detector", "face_restorer"] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

/** A network of the registry that works on pictures: -U, -G, -tm and --nsfw_checker use them. */
export interface ToolEntry {
  readonly name: string;
  readonly kind: ToolKind;
  /** Of a restorer of faces. */
  readonly type?: FaceTool;
  readonly description: string;
  /** Absolute. */
  readonly path: string;
  /** Of its kind. */
  readonly isDefault: boolean;
}

export interface Registry {
  /** The YAML file. */
  readonly path: string;
  /** Every name that is taken, also by entries that cannot be used. */
  readonly names: readonly string[];
  /** By name, in the order of the file. */
  readonly entries: ReadonlyMap<string, RegistryEntry>;
  /** What is no model to draw with, by name, in the order of the file. */
  readonly tools: ReadonlyMap<string, ToolEntry>;
  /** Sentences about entries that had to be left out. */
  readonly notices: readonly string[];
}

/** What is to be loaded: a registered model, or a path that the user gave. */
export interface ResolvedModel {
  /** Name in the registry, or the path as given. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly entry?: RegistryEntry;
}

/** InvokeAI's rule for names. */
export const MODEL_NAME = /^[\w.+:/-]+$/;

/**
 * Reads a registry. `weights` is accepted for `path` (InvokeAI's spelling for single files); relative paths start at the YAML file's
 * folder. An entry that names a repository on the network instead of a path is left out with a notice.
 * @throws DreamError file/not-found, file/unreadable, registry/unreadable
 */
export async function readRegistry(path: string): Promise<Registry> {
  return parseRegistry(await readYamlText(path, "registry/unreadable"), path);
}

/**
 * Reads the text of a registry.
 * @param path the YAML file, for messages and as the start of relative paths
 * @throws DreamError registry/unreadable
 */
export function parseRegistry(text: string, path: string): Registry {
  const entries = new Map<string, RegistryEntry>();
  const tools = new Map<string, ToolEntry>();
  const notices: string[] = [];
  const { values } = parseYamlMapping(text, path, "registry/unreadable");
  for (const [name, value] of Object.entries(values)) {
    if (!MODEL_NAME.test(name)) throw new DreamError("registry/unreadable", `${path}: ${JSON.stringify(name)} is not a valid model name`);
    if (!isJsonObject(value)) throw new DreamError("registry/unreadable", `${path}: ${name} is not a mapping`);
    // How dream.py listed VAEs: beside the models, but none of them.
    if (typeof value.config === "string" && value.config.includes("/VAE/")) continue;
    const entry = value.kind === undefined ? readEntry(name, value, path) : readTool(name, value, path);
    if (typeof entry === "string") notices.push(entry);
    else if ("kind" in entry) tools.set(name, entry);
    else entries.set(name, entry);
  }
  return { path, names: Object.keys(values), entries, tools, notices };
}

function readEntry(name: string, values: JsonObject, file: string): RegistryEntry | string {
  const entry = new ConfigReader(values, `${file}: ${name}`, "registry/unreadable");
  const from = (path: string | undefined) => (path === undefined ? undefined : resolve(dirname(file), expandHome(path)));
  const path = from(entry.text("path") ?? entry.text("weights"));
  if (path === undefined) {
    const repository = entry.text("repo_id");
    if (repository === undefined) throw new DreamError("registry/unreadable", `${file}: ${name} has no path`);
    return `${name} is left out: ${repository} has to be downloaded first, then give its folder as path in ${file}`;
  }
  const size = (key: string) => (entry.raw(key) === undefined ? undefined : entry.integer(key, 0, 64));
  return {
    name,
    description: entry.text("description") ?? "",
    format: entry.choice("format", /\.(safetensors|ckpt)$/i.test(path) ? "ckpt" : "diffusers", FORMATS),
    path,
    config: from(entry.text("config")),
    // InvokeAI also allows a mapping here, which names a repository.
    vae: typeof entry.raw("vae") === "string" ? from(entry.text("vae")) : undefined,
    previewDecoder: from(entry.text("preview_decoder")),
    isDefault: entry.boolean("default", false),
    width: size("width"),
    height: size("height"),
    steps: entry.raw("steps") === undefined ? undefined : entry.integer("steps", 0),
    cfgScale: entry.raw("cfg_scale") === undefined ? undefined : entry.number("cfg_scale", 0),
    sampler: entry.text("sampler"),
  };
}

function readTool(name: string, values: JsonObject, file: string): ToolEntry | string {
  const entry = new ConfigReader(values, `${file}: ${name}`, "registry/unreadable");
  const kind = TOOL_KINDS.find((known) => known === values.kind);
  if (kind === undefined) return `${name} is left out: ${file} says it is of the kind ${entry.text("kind")}, which is not known`;
  const path = entry.text("path") ?? entry.text("weights");
  if (path === undefined) throw new DreamError("registry/unreadable", `${file}: ${name} has no path`);
  return {
    name,
    kind,
    type: kind === "face_restorer" ? entry.choice("type", "gfpgan", FACE_TOOLS) : undefined,
    description: entry.text("description") ?? "",
    path: resolve(dirname(file), expandHome(path)),
    isDefault: entry.boolean("default", false),
  };
}

/**
 * The entry of a kind (and type) that is marked `default: true`, else the first one; undefined when there is none.
 *
 * @param type of a restorer of faces
 */
export function defaultTool({ tools }: Registry, kind: ToolKind, type?: FaceTool): ToolEntry | undefined {
  const entries = [...tools.values()].filter((entry) => entry.kind === kind && (type === undefined || entry.type === type));
  return entries.find(({ isDefault }) => isDefault) ?? entries[0];
}

/** The entry marked `default: true`, else the first one. @throws DreamError model/not-found when the registry is empty */
export function defaultModel(registry: Registry): RegistryEntry {
  const entries = [...registry.entries.values()];
  const chosen = entries.find((entry) => entry.isDefault) ?? entries[0];
  if (chosen === undefined) throw new DreamError("model/not-found", `${registry.path} names no model`);
  return chosen;
}

/**
 * Finds what a user means: a registered name (capitals do not matter when that is unambiguous), else a path.
 * @param nameOrPath name, or path relative to the working directory; `~/` is the home folder
 * @throws DreamError model/not-found
 */
export function resolveModel(nameOrPath: string, registry: Registry): ResolvedModel {
  const exact = registry.entries.get(nameOrPath);
  if (exact !== undefined) return { name: exact.name, path: exact.path, entry: exact };
  const path = resolve(expandHome(nameOrPath));
  const alike = [...registry.entries.values()].filter((entry) => entry.name.toLowerCase() === nameOrPath.toLowerCase());
  if (alike.length === 1) return { name: alike[0]!.name, path: alike[0]!.path, entry: alike[0]! };
  if (nameOrPath !== "" && existsSync(path)) return { name: nameOrPath, path };
  if (isLink(path)) throw new DreamError("model/not-found", `${nameOrPath} is a symbolic link that leads nowhere`);
  throw new DreamError("model/not-found", `"${nameOrPath}" is neither a known model name nor a file`);
}

function isLink(path: string): boolean {
  try {
    return readlinkSync(path) !== "";
  } catch {
    return false;
  }
}
