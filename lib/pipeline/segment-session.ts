import { CLIP_LENGTH } from "../conditioning/tokenizer.js";
import type { BackendReport } from "../engine/backend.js";
import type { HeatMap, SegmentJob } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { openSegmenter } from "../models/open-segmenter.js";
import { fittedPixels } from "./prepare-pixels.js";
import { createSegmenter, type Segmenter } from "./segmenter.js";
import { ToolSession } from "./tool-session.js";

/** Pixels a side of a heat map, at most. */
const LARGEST_MAP = 1024;
/** Tokens of a text between BOS and EOS. */
const MOST_TOKENS = CLIP_LENGTH - 2;

/** The network for text masks that was used last; it stays open, for the next mask wants the same. */
export class SegmentSession {
  readonly #tool = new ToolSession<Segmenter>(async (path, threads) => createSegmenter(await openSegmenter(path), threads));

  /**
   * Finds what a text names.
   * @throws DreamError tool/unsupported, tokenizer/*, model/*, weights/*; whatever `signal` was aborted with
   */
  async segment({ segmenter: path, picture, text, threads }: SegmentJob, { notice, signal }: BackendReport): Promise<HeatMap> {
    const segmenter = await this.#tool.open(path, threads);
    const { tokenizer, recipe } = segmenter;
    const tokens = tokenizer.encode(text);
    if (tokens.length === 0) throw new DreamError("usage/line", `-tm: ${JSON.stringify(text)} has no words`);
    const rest = tokens.slice(MOST_TOKENS).map((id) => tokenizer.decodeToken(id));
    if (rest.length > 0) notice(`-tm: the text is too long; left out: ${rest.join("").slice(0, 200).trim()}`);
    const pixels = await fittedPixels(picture, recipe);
    signal.throwIfAborted();
    const logits = await segmenter.logits(pixels, tokens.slice(0, MOST_TOKENS));
    const side = Math.sqrt(logits.length);
    if (!Number.isInteger(side) || side < 1 || side > LARGEST_MAP || logits.some(Number.isNaN)) {
      throw new DreamError("tool/unsupported", `${path} gives ${logits.length} values that are no map of a picture`);
    }
    return { side, heat: logits.map((logit) => 1 / (1 + Math.exp(-logit))) };
  }

  /** Gives the memory back. */
  release(): Promise<void> {
    return this.#tool.release();
  }
}
