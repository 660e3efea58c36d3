import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../make-folder.js";
import { prefixText } from "../names/file-names.js";
import { unwritable } from "../names/output-folder.js";
import { encodePng, type RgbPicture } from "./encode-png.js";
import { resizePicture } from "./resize.js";

/** A picture on the way, whose pixels stand for `span`×`span` pixels of the finished one. */
export interface Preview extends RgbPicture {
  readonly span: number;
}

/** True for the steps whose picture is kept: every `every`th from 0, and the last. */
export function isIntermediate(step: number, steps: number, every: number): boolean {
  return step >= 0 && (step % every === 0 || step === steps - 1);
}

/**
 * The pictures on the way to a picture (`--save_intermediates`), `<outdir>/intermediates/<prefix>/<step>.png`; those of the second picture
 * of a line end in `-01.png`. Saving goes on beside the sampling and never stops it: the first failure is told, then nothing more is saved.
 */
export class Intermediates {
  readonly folder: string;
  /** Saves one after the other: they are small, and the sampler needs the processor. */
  private queue: Promise<void>;
  private failed = false;

  /**
   * @param prefix number of the command (`PictureNames.prefix`)
   * @param every how many steps apart, from 1
   * @param tell shows one line: the announcement, at once, and a failure
   */
  constructor(
    private readonly outdir: string,
    prefix: number,
    private readonly every: number,
    private readonly tell: (text: string) => void,
  ) {
    this.folder = join(outdir, "intermediates", prefixText(prefix));
    tell(`>> Intermediate images will be written into ${this.folder}`);
    this.queue = this.attempt(() => makeFolder(this.folder));
  }

  /**
   * Saves a step's preview if it is one that is kept. Returns at once.
   *
   * @param picture of the line, from 0
   * @param step from 0
   */
  add(picture: number, step: number, steps: number, preview: Preview): void {
    if (!isIntermediate(step, steps, this.every)) return;
    this.queue = this.queue.then(() => this.attempt(() => this.save(picture, step, preview)));
  }

  /** Resolves when everything that was added is on the disk. */
  async finish(): Promise<void> {
    await this.queue;
  }

  private async save(picture: number, step: number, preview: Preview): Promise<void> {
    const { width, height, span } = preview;
    const enlarged = await resizePicture(preview, { width: width * span, height: height * span }, "bicubic");
    const number = picture === 0 ? "" : `-${String(picture).padStart(2, "0")}`;
    const path = join(this.folder, `${String(step).padStart(4, "0")}${number}.png`);
    // Beside the pictures, where what a killed program left is cleared away.
    const temporary = join(this.outdir, `.${step}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
    try {
      await writeFile(temporary, await encodePng(enlarged, []));
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw unwritable(path, error);
    }
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    if (this.failed) return;
    try {
      await action();
    } catch (error) {
      this.failed = true;
      this.tell(`** ${unwritable(this.folder, error).message}; no more intermediate images of this line`);
    }
  }
}
