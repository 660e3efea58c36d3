import { availableMemory } from "../engine/available-memory.js";
import type { UpscaleReport } from "../engine/backend.js";
import type { GeneratedImage, UpscaleJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { openUpscaler } from "../models/open-upscaler.js";
import { createUpscaler, openExportedUpscaler, type Upscaler } from "../networks/upscaler.js";
import { ToolSession } from "./tool-session.js";
import { PIECE_BYTES, upscale } from "./upscale.js";

/** The upscaler that was used last; it stays open, for the next picture mostly wants the same. Scratch memory goes after every piece. */
export class UpscalerSession {
  readonly #tool = new ToolSession(openAny);

  /**
   * Enlarges one picture.
   * @throws DreamError upscaler/unsupported, weights/*, memory/predicted; whatever `report.signal` was aborted with
   */
  async upscale(job: UpscaleJob, { piece, signal }: UpscaleReport): Promise<GeneratedImage> {
    const { picture, width, height, tile } = job;
    const upscaler = await this.#tool.open(job.upscaler, job.threads);
    const needed = bytesOf(upscaler, job);
    if (needed > (await availableMemory())) {
      const amount = `${(needed / 2 ** 30).toFixed(1)} GiB`;
      throw new DreamError("memory/predicted", `enlarging to ${width}×${height} pixels needs about ${amount}, more than is free`);
    }
    return upscale(upscaler, picture, { width, height }, { tile, onPiece: piece, signal });
  }

  /** Gives the memory back. */
  release(): Promise<void> {
    return this.#tool.release();
  }
}

async function openAny(path: string, threads: number): Promise<Upscaler> {
  const files = await openUpscaler(path);
  return "graph" in files ? openExportedUpscaler(files.graph, threads) : createUpscaler(files.config, files.weights, threads);
}

/** The pictures of the largest pass, what it becomes, and one piece. */
function bytesOf({ scale }: Upscaler, { picture, width, height }: UpscaleJob): number {
  let side = 1;
  while (picture.width * side < width || picture.height * side < height) side *= scale;
  const largest = picture.width * picture.height * side ** 2;
  return 3 * (largest * (1 + 1 / scale ** 2) + width * height) + PIECE_BYTES;
}
