import type { GeneratedImage, HeatMap } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import { maskOfHeat, paintedShare } from "../../images/painting/heat-mask.js";
import type { InitImage } from "../../images/pixels/init-image.js";
import type { TextMask } from "../../options/text-mask.js";
import { unlessCancelled } from "../interrupted.js";
import type { RegionMask } from "./painted-region.js";
import type { ToolSurroundings } from "./tool-surroundings.js";

type TextMaskSurroundings = Pick<ToolSurroundings, "engine" | "catalogue" | "emit">;

/** Finds the parts of pictures that texts name, with the registered network. */
export class TextMasks {
  private hasBegun = false;

  constructor(private readonly surroundings: TextMaskSurroundings) {}

  /**
   * The mask of `-tm` in the picture's own size, and what there is to tell about it.
   *
   * @throws DreamError tool/missing, usage/line when there is nothing to paint, engine/cancelled, and as the engine does
   */
  async mask(image: InitImage, wanted: TextMask): Promise<RegionMask & { readonly note: string }> {
    const { text, threshold } = wanted;
    const { width, height } = image;
    const map = await this.find(image, text);
    const levels = await maskOfHeat(map, image, threshold);
    const named = `${JSON.stringify(text)} (threshold ${threshold})`;
    const share = paintedShare(levels);
    if (share === 0) {
      const best = map.heat.reduce((largest, heat) => Math.max(largest, heat), 0);
      const advice = "give a lower threshold, or other words";
      throw new DreamError(
        "usage/line",
        `nothing in ${image.file.path} is ${named}: the likeliest part reaches ${best.toFixed(2)}; ${advice}`,
      );
    }
    return {
      width,
      height,
      levels,
      origin: `-tm ${JSON.stringify(text)}`,
      note: `${named} is ${(share * 100).toFixed(1)}% of the picture`,
    };
  }

  /**
   * Where in a picture is what a text names.
   *
   * @throws DreamError tool/missing, engine/cancelled, and as the engine does
   */
  async find({ width, height, rgb }: GeneratedImage, text: string): Promise<HeatMap> {
    const { engine, catalogue, emit } = this.surroundings;
    const tool = await catalogue.tool("segmenter");
    if (tool === undefined) {
      throw new DreamError(
        "tool/missing",
        "text masks need a network that finds what a text names, and none is registered: !import_model FOLDER registers a CLIPSeg, " +
          "for example CIDAS/clipseg-rd64-refined",
      );
    }
    if (!this.hasBegun) emit({ type: "text", text: ">> Initializing clipseg model for text to mask inference" });
    this.hasBegun = true;
    return unlessCancelled(
      await engine.segment({ segmenter: tool.path, picture: { width, height, rgb }, text, threads: catalogue.threads }),
    );
  }
}
