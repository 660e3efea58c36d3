import { open } from "node:fs/promises";
import { toFloat32 } from "../checkpoints/read-tensor.js";
import { readFully } from "../checkpoints/safetensors.js";
import { DTYPE_BYTES, type TensorRef, type WeightSource } from "../checkpoints/tensor.js";
import { describeKey } from "../checkpoints/weight-source.js";
import { DreamError } from "../errors.js";
import { fileError } from "../json-file.js";
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
    private readonly ref: TensorRef,
    /** File and key, for messages. */
    private readonly name: string,
    private readonly vocabulary: number,
    readonly width: number,
  ) {}

  /** @throws DreamError weights/missing-key, weights/shape, weights/dtype */
  static find(config: ClipTextConfig, weights: WeightSource): TokenTable {
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
    return new TokenTable(ref, `${weights.origin}: ${name}`, config.vocabSize, config.hiddenSize);
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
   * @throws DreamError weights/shape when the vocabulary has tokens that the table lacks, file/not-found, file/unreadable
   */
  async lookUp(ids: Int32Array): Promise<Float32Array> {
    await this.#read([...new Set(ids)].filter((id) => !this.#known(id)));
    const table = new Float32Array(ids.length * this.width);
    for (const [position, id] of ids.entries()) table.set(this.#known(id) as Float32Array, position * this.width);
    return table;
  }

  #known(id: number): Float32Array | undefined {
    return this.#added[id - this.vocabulary] ?? this.#rows.get(id);
  }

  async #read(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const outside = ids.find((id) => id < 0 || id >= this.vocabulary);
    if (outside !== undefined) {
      const found = `[${this.vocabulary}, ${this.width}]`;
      throw new DreamError("weights/shape", `${this.name} has the shape ${found}, without a row for token ${outside} of the vocabulary`);
    }
    const { file, dtype, offset, bytes: memory } = this.ref;
    const rowBytes = this.width * DTYPE_BYTES[dtype];
    if (memory !== undefined) {
      for (const id of ids) this.#rows.set(id, toFloat32(memory.slice(offset + id * rowBytes, offset + (id + 1) * rowBytes), dtype));
      return;
    }
    // The user may have moved the model since it was loaded.
    const handle = await open(file, "r").catch((error: unknown) => {
      throw fileError(file, error);
    });
    try {
      for (const id of ids) {
        const bytes = new Uint8Array(rowBytes);
        await readFully(handle, bytes, offset + id * rowBytes, file);
        this.#rows.set(id, toFloat32(bytes, dtype));
      }
    } finally {
      await handle.close();
    }
  }
}
