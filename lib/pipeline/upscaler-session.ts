import { stat } from "node:fs/promises";
import { availableMemory } from "../engine/available-memory.js";
import type { UpscaleReport } from "../engine/backend.js";
import type { GeneratedImage, UpscaleJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { openUpscaler } from "../models/open-upscaler.js";
import { createUpscaler, openExportedUpscaler, type Upscaler } from "../networks/upscaler.js";
import { PIECE_BYTES, upscale } from "./upscale.js";

interface OpenUpscaler {
  readonly key: string;
  readonly upscaler: Upscaler;
}

/** The upscaler that was used last; it stays open, for the next picture mostly wants the same. Scratch memory goes after every piece. */
export class UpscalerSession {
  #open: OpenUpscaler | undefined;

  /**
   * Enlarges one picture.
   * @throws DreamError upscaler/unsupported, weights/*, memory/predicted; whatever `report.signal` was aborted with
   */
  async upscale(job: UpscaleJob, { piece, signal }: UpscaleReport): Promise<GeneratedImage> {
    const { picture, width, height, tile } = job;
    const upscaler = await this.#upscalerFor(job);
    const needed = bytesOf(upscaler, job);
    if (needed > (await availableMemory())) {
      const amount = `${(needed / 2 ** 30).toFixed(1)} GiB`;
      throw new DreamError("memory/predicted", `enlarging to ${width}×${height} pixels needs about ${amount}, more than is free`);
    }
    return upscale(upscaler, picture, { width, height }, { tile, onPiece: piece, signal });
  }

  /** Gives the memory back. */
  async release(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.upscaler.release();
  }

  async #upscalerFor({ upscaler: path, threads }: UpscaleJob): Promise<Upscaler> {
    // A file that was replaced is another upscaler.
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }));
    const key = JSON.stringify([path, mtimeMs, size, threads]);
    if (this.#open?.key === key) return this.#open.upscaler;
    await this.release();
    const files = await openUpscaler(path);
    const upscaler =
      "graph" in files ? await openExportedUpscaler(files.graph, threads) : createUpscaler(files.config, files.weights, threads);
    this.#open = { key, upscaler };
    return upscaler;
  }
}

/** The pictures of the largest pass, what it becomes, and one piece. */
function bytesOf({ scale }: Upscaler, { picture, width, height }: UpscaleJob): number {
  let side = 1;
  while (picture.width * side < width || picture.height * side < height) side *= scale;
  const largest = picture.width * picture.height * side ** 2;
  return 3 * (largest * (1 + 1 / scale ** 2) + width * height) + PIECE_BYTES;
}
