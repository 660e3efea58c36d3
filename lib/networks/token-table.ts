import { type FileHandle, open } from "node:fs/promises";
import { toFloat32 } from "../checkpoints/read-tensor.js";
import { readFully } from "../checkpoints/safetensors.js";
import { DTYPE_BYTES, type WeightSource } from "../checkpoints/tensor.js";
import { describeKey } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import { TOKEN_EMBEDDING } from "./clip-text-encoder.js";
import type { ClipTextConfig } from "./config.js";

/**
 * Looks token embeddings up in the checkpoint itself: a prompt needs 77 rows of a table of up to 200 MB, so only those are read.
 * Rows of textual-inversion embeddings can be added behind the vocabulary.
 */
export class TokenTable {
  readonly #added: Float32Array[] = [];
  readonly #rows = new Map<number, Float32Array>();

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    /** File and key, for messages. */
    private readonly name: string,
    private readonly offset: number,
    private readonly dtype: "F32" | "F16" | "BF16",
    private readonly vocabulary: number,
    readonly width: number,
  ) {}

  /** @throws DreamError weights/missing-key, weights/shape, weights/dtype */
  static async open(config: ClipTextConfig, weights: WeightSource): Promise<TokenTable> {
    const ref = weights.get(TOKEN_EMBEDDING);
    const expected = `[${config.vocabSize}, ${config.hiddenSize}]`;
    const name = describeKey(weights, TOKEN_EMBEDDING);
    if (!ref) throw new DreamError("weights/missing-key", `${weights.origin} has no tensor ${name} (expected ${expected})`);
    if (ref.shape.length !== 2 || ref.shape[0] !== config.vocabSize || ref.shape[1] !== config.hiddenSize) {
      const found = `[${ref.shape.join(", ")}]`;
      throw new DreamError("weights/shape", `${weights.origin}: ${name} has the shape ${found}, expected ${expected}`);
    }
    if (ref.dtype !== "F32" && ref.dtype !== "F16" && ref.dtype !== "BF16")
      throw new DreamError("weights/dtype", `${weights.origin}: ${ref.key} is stored as ${ref.dtype}, which is not supported`);
    return new TokenTable(
      await open(ref.file, "r"),
      ref.file,
      `${weights.origin}: ${name}`,
      ref.offset,
      ref.dtype,
      config.vocabSize,
      config.hiddenSize,
    );
  }

  /**
   * Appends embedding vectors behind the vocabulary.
   * @param vectors (n, width), row-major
   * @returns the id of the first one
   */
  add(vectors: Float32Array): number {
    const first = this.vocabulary + this.#added.length;
    for (let at = 0; at < vectors.length; at += this.width) this.#added.push(vectors.slice(at, at + this.width));
    return first;
  }

  /**
   * @returns (ids.length, width)
   * @throws DreamError weights/shape when the vocabulary has tokens that the table lacks
   */
  async lookUp(ids: Int32Array): Promise<Float32Array> {
    const table = new Float32Array(ids.length * this.width);
    for (const [position, id] of ids.entries()) table.set(await this.#row(id), position * this.width);
    return table;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #row(id: number): Promise<Float32Array> {
    const known = this.#added[id - this.vocabulary] ?? this.#rows.get(id);
    if (known) return known;
    if (id < 0 || id >= this.vocabulary) {
      const found = `[${this.vocabulary}, ${this.width}]`;
      throw new DreamError("weights/shape", `${this.name} has the shape ${found}, without a row for token ${id} of the vocabulary`);
    }
    const bytes = new Uint8Array(this.width * DTYPE_BYTES[this.dtype]);
    await readFully(this.file, bytes, this.offset + id * bytes.length, this.path);
    const row = toFloat32(bytes, this.dtype);
    this.#rows.set(id, row);
    return row;
  }
}
