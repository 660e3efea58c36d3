import type { RgbPicture, TransparentPicture } from "../../images/pixels/encode-png.js";
import { enlarge, type Sharper } from "../../images/pixels/enlarge.js";
import type { ToolEntry } from "../../models/registry/registry.js";
import { interrupted, unlessCancelled } from "../interrupted.js";
import { stepTeller, type ToolSurroundings } from "./tool-surroundings.js";

/** How the metadata names what enlarged a picture where no upscaler did. */
export const RESAMPLER = "lanczos3";
/** Pixels a side of a piece, as in the reference. */
const USUAL_TILE = 400;

/** What -U enlarges with: the registered upscaler, or the Lanczos filter where there is none. */
export class Enlarger {
  private constructor(
    private readonly upscaler: ToolEntry | undefined,
    private readonly surroundings: ToolSurroundings,
  ) {}

  /**
   * @returns undefined when upscaling was switched off at launch
   * @throws DreamError registry/unreadable
   */
  static async choose(surroundings: ToolSurroundings): Promise<Enlarger | undefined> {
    if (surroundings.launch.noUpscale) return undefined;
    return new Enlarger(await surroundings.catalogue.tool("upscaler"), surroundings);
  }

  /** The upscaler's name, or the filter's, for the metadata. */
  get method(): string {
    return this.upscaler?.name ?? RESAMPLER;
  }

  /**
   * Says what it does and does it.
   *
   * @param upscale factor, and share of the sharper enlargement 0 … 1
   * @param seed for the message; absent for an initial picture
   * @throws DreamError engine/cancelled, image/too-large, and as the engine does
   */
  async enlarge(picture: TransparentPicture, [factor, strength]: readonly [number, number], seed?: number): Promise<TransparentPicture> {
    const { emit, stopped } = this.surroundings;
    const checkStopped = () => {
      if (stopped()) throw interrupted();
    };
    const whose = seed === undefined ? "the initial picture" : `seed:${seed}`;
    const how =
      this.upscaler === undefined
        ? `Lanczos Upscaling ${whose}, scale:${factor}x, strength:${strength}`
        : `Real-ESRGAN Upscaling ${whose}, scale:${factor}x, tile:${this.tile}, upscaler:${this.upscaler.name}, strength:${strength}`;
    emit({ type: "text", text: `>> ${how}` });
    try {
      const enlarged = await enlarge(picture, factor, strength, checkStopped, this.sharper());
      checkStopped();
      return enlarged;
    } finally {
      emit({ type: "rest" });
    }
  }

  private get tile(): number {
    return this.surroundings.launch.esrganBgTile ?? USUAL_TILE;
  }

  private sharper(): Sharper | undefined {
    const { upscaler } = this;
    if (upscaler === undefined) return undefined;
    const { engine, catalogue, emit } = this.surroundings;
    return async ({ rgb, width, height }: RgbPicture, size) => {
      const { tile } = this;
      const job = { upscaler: upscaler.path, picture: { rgb, width, height }, ...size, tile, threads: catalogue.threads };
      return unlessCancelled(await engine.upscale(job, stepTeller(emit)));
    };
  }
}
