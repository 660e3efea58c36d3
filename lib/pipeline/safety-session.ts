import type { BackendReport } from "../engine/backend.js";
import type { SafetyJob } from "../engine/protocol.js";
import { openSafetyChecker } from "../models/open-safety-checker.js";
import { clipPixels } from "./prepare-pixels.js";
import { createSafetyChecker, type SafetyChecker } from "./safety-checker.js";
import { ToolSession } from "./tool-session.js";

/** The NSFW checker that was used last; it stays open, for the next picture wants the same. */
export class SafetySession {
  readonly #tool = new ToolSession<SafetyChecker>(async (path, threads) => createSafetyChecker(await openSafetyChecker(path), threads));

  /**
   * Judges one picture.
   * @returns true when it is to be blurred
   * @throws DreamError tool/unsupported, weights/*, model/*, memory/predicted; whatever `signal` was aborted with
   */
  async check({ checker: path, picture, threads }: SafetyJob, { signal }: BackendReport): Promise<boolean> {
    const checker = await this.#tool.open(path, threads);
    const pixels = await clipPixels(picture, checker.recipe);
    signal.throwIfAborted();
    return checker.isUnsafe(pixels);
  }

  /** Gives the memory back. */
  release(): Promise<void> {
    return this.#tool.release();
  }
}
