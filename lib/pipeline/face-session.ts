import { stat } from "node:fs/promises";
import { availableMemory } from "../engine/available-memory.js";
import type { FaceReport } from "../engine/backend.js";
import type { FaceJob, RestoredFaces } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { PASTING_BYTES_PER_PIXEL } from "../images/faces/paste-face.js";
import { type FaceDetector, openFaceDetector } from "../networks/faces/face-detector.js";
import { type FaceRestorer, openFaceRestorer } from "../networks/faces/face-restorer.js";
import { restoreFaces } from "./restore-faces.js";
import { ToolSession } from "./tool-session.js";

/** Bytes that looking for faces, or drawing one anew, takes beside the weights: about that of a ResNet-50 at 1280×1280 pixels. */
const SCRATCH_BYTES = 1e9;

/** The detector and the restorer that were used last; they stay open, for the next picture mostly wants the same. */
export class FaceSession {
  readonly #detector = new ToolSession<FaceDetector>(openFaceDetector);
  readonly #restorer = new ToolSession<FaceRestorer>(openFaceRestorer);

  /**
   * Restores the faces of one picture.
   * @throws DreamError face/unsupported, model/*, memory/predicted; whatever `report.signal` was aborted with
   */
  async restore(job: FaceJob, { step, notice, signal }: FaceReport): Promise<RestoredFaces> {
    await this.#checkMemory(job);
    const detector = await this.#detector.open(job.detector, job.threads);
    return restoreFaces(detector, job.picture, {
      restorer: () => this.#restorerOf(job, notice),
      fidelity: job.fidelity ?? 0,
      strength: job.strength,
      onStep: step,
      signal,
    });
  }

  /** Gives the memory back. */
  async release(): Promise<void> {
    await this.#detector.release();
    await this.#restorer.release();
  }

  async #restorerOf({ restorer: path, fidelity, threads }: FaceJob, notice: (text: string) => void): Promise<FaceRestorer> {
    const network = await this.#restorer.open(path, threads);
    if (network.takesFidelity && fidelity === undefined) {
      throw new DreamError("face/unsupported", `${path} also takes a fidelity: it is a CodeFormer (type: codeformer) and no GFPGAN`);
    }
    if (!network.takesFidelity && fidelity !== undefined) notice(`${path} takes no fidelity: -cf changes nothing`);
    return network;
  }

  async #checkMemory(job: FaceJob): Promise<void> {
    const { width, height } = job.picture;
    const detector = await weightBytes(job.detector, this.#detector.isOpen);
    const restorer = await weightBytes(job.restorer, this.#restorer.isOpen);
    const needed = detector + restorer + SCRATCH_BYTES + width * height * (6 + PASTING_BYTES_PER_PIXEL);
    if (needed <= (await availableMemory())) return;
    const amount = `${(needed / 2 ** 30).toFixed(1)} GiB`;
    throw new DreamError("memory/predicted", `restoring faces in ${width}×${height} pixels needs about ${amount}, more than is free`);
  }
}

/** The runtime holds the weights, and for a moment the file as well. */
async function weightBytes(path: string, isOpen: boolean): Promise<number> {
  if (isOpen) return 0;
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return 2 * size;
}
