import { basename, dirname, extname, join, sep } from "node:path";
import { readTensor } from "../../checkpoints/read-tensor.js";
import type { TensorRef } from "../../checkpoints/tensor.js";
import { DreamError } from "../../errors.js";
import { PACKAGE_ROOT } from "../../package-root.js";
import { readEmbeddingFile, type StoredEmbedding } from "./embedding-file.js";
import { type EmbeddingPlace, findEmbeddingFiles } from "./find-embedding-files.js";

/** An embedding that a model can use. */
export interface Embedding {
  readonly trigger: string;
  readonly vectors: number;
  /** Absolute path. */
  readonly file: string;
  /** @returns (vectors, width), row-major @throws DreamError embedding/unusable, file/*, safetensors/truncated */
  read(): Promise<Float32Array>;
}

/** What a model of one width can use of a library, and what it cannot. */
export interface OfferedEmbeddings {
  readonly embeddings: readonly Embedding[];
  /** Sentences without a final stop. */
  readonly notices: readonly string[];
}

/** Names that a notice lists. */
const MOST_NAMED = 10;

const NONE: OfferedEmbeddings = { embeddings: [], notices: [] };

interface ReadFile {
  readonly place: EmbeddingPlace;
  readonly stored: readonly StoredEmbedding[];
  /** Why it is not used. */
  readonly failure?: string;
}

/** The embeddings of a folder. Files are read once, and again when they have changed. */
export class EmbeddingLibrary {
  #files: readonly ReadFile[] = [];
  #notices: readonly string[] = [];
  /** Of all files; what it was when the offers were made. */
  #stamp = "";
  readonly #offers = new Map<number, OfferedEmbeddings>();

  /**
   * Looks into the folder again.
   * @param root absolute path of a folder or a file; undefined for none
   * @returns whether anything has changed
   */
  async refresh(root: string | undefined): Promise<boolean> {
    const { places, notices } = root === undefined ? { places: [], notices: [] } : await findEmbeddingFiles(root);
    const stamp = [...places.map((place) => place.stamp), ...notices].join("\n");
    if (stamp === this.#stamp) return false;
    const known = new Map(this.#files.map((file) => [file.place.stamp, file]));
    const files: ReadFile[] = [];
    for (const place of places) files.push(known.get(place.stamp) ?? (await readPlace(place)));
    this.#files = files;
    this.#notices = [...notices, ...files.flatMap(({ failure }) => (failure === undefined ? [] : [failure]))];
    this.#stamp = stamp;
    this.#offers.clear();
    return true;
  }

  /**
   * What a text encoder of this width can use; the same object until something changes.
   * @param width numbers of a token's vector
   */
  offer(width: number): OfferedEmbeddings {
    const known = this.#offers.get(width);
    if (known !== undefined) return known;
    const offered = this.#files.length === 0 && this.#notices.length === 0 ? NONE : this.#makeOffer(width);
    this.#offers.set(width, offered);
    return offered;
  }

  #makeOffer(width: number): OfferedEmbeddings {
    const notices = [...this.#notices];
    const others = this.#files.filter(({ place, stored }) => !isShipped(place.path) && stored.some(({ shape }) => shape[1] !== width));
    if (others.length > 0) notices.push(wrongWidth(others, width));
    const taken = new Map<string, Embedding>();
    for (const { place, stored } of this.#files) {
      for (const one of stored) {
        if (one.shape[1] !== width) continue;
        const embedding = describe(place.path, one, taken, notices);
        if (embedding !== undefined) taken.set(embedding.trigger, embedding);
      }
    }
    return { embeddings: [...taken.values()], notices: shortened(notices) };
  }
}

/** What comes with the program is for the model that does: with others it goes without saying. */
function isShipped(path: string): boolean {
  return path.startsWith(join(PACKAGE_ROOT, "configs") + sep);
}

async function readPlace(place: EmbeddingPlace): Promise<ReadFile> {
  try {
    return { place, stored: await readEmbeddingFile(place.path) };
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    const failure = error.message.includes(place.path) ? error.message : `${place.path}: ${error.message}`;
    return { place, stored: [], failure };
  }
}

/** The trigger that is left for an embedding; a name that is taken gives way to the file's, or the folder's where all files have one name. */
function describe(
  path: string,
  { name, shape: [vectors], ref }: StoredEmbedding,
  taken: ReadonlyMap<string, Embedding>,
  notices: string[],
): Embedding | undefined {
  const stem = basename(path, extname(path));
  const fallback = /^learned_embeds$/i.test(stem) ? basename(dirname(path)) : stem;
  const wanted = name ?? `<${stem}>`;
  const other = taken.get(wanted);
  const trigger = other === undefined ? wanted : `<${fallback}>`;
  if (taken.has(trigger)) {
    notices.push(`${path} is not used: its trigger ${wanted} is that of ${(other ?? taken.get(trigger))?.file}`);
    return undefined;
  }
  if (other !== undefined) notices.push(`the trigger of ${path} is ${trigger}, for ${wanted} is that of ${other.file}`);
  return { trigger, vectors, file: path, read: () => readVectors(path, ref) };
}

async function readVectors(path: string, ref: TensorRef): Promise<Float32Array> {
  const vectors = await readTensor(ref);
  if (vectors.every(Number.isFinite)) return vectors;
  throw new DreamError("embedding/unusable", `${path} is damaged: it holds values that are not numbers`);
}

function wrongWidth(files: readonly ReadFile[], width: number): string {
  const widths = [...new Set(files.flatMap(({ stored }) => stored.map(({ shape }) => shape[1])))].filter((other) => other !== width);
  const names = files.slice(0, MOST_NAMED).map(({ place }) => basename(place.path));
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  const made = `embeddings for models with ${widths.sort((a, b) => a - b).join(" or ")} numbers a token`;
  return `${made} are not used, for this one has ${width}: ${names.join(", ")}${more}`;
}

/** A folder of other things would fill the screen. */
function shortened(notices: readonly string[]): readonly string[] {
  if (notices.length <= MOST_NAMED) return notices;
  return [...notices.slice(0, MOST_NAMED), `and ${notices.length - MOST_NAMED} more like these`];
}
