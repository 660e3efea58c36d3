import type { LoadedModel } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { type PixelSize, resizePicture } from "../../images/pixels/resize.js";
import { type Embiggen, sharpens } from "../../options/embiggen.js";
import { LONGEST_SIDE } from "../../options/table.js";
import { interrupted } from "../interrupted.js";
import { tilesOf } from "./draw-tiles.js";
import { Enlarger } from "./enlarger.js";
import type { InitialPictures } from "./initial-pictures.js";
import type { LineSettings, ReadyInit } from "./series.js";
import type { ToolSurroundings } from "./tool-surroundings.js";

/**
 * The picture that settings begin with: in the size that is made of it, or enlarged for Embiggen's tiles.
 *
 * @param facts of the model that will draw
 * @throws DreamError file/*, image/*, usage/line, engine/*
 */
export async function prepareInit(
  inits: InitialPictures,
  settings: LineSettings,
  facts: LoadedModel,
  surroundings: ToolSurroundings,
): Promise<ReadyInit | undefined> {
  const { embiggen, initImg, width, height, embiggenTiles } = settings;
  if (embiggen === undefined || initImg === undefined) return inits.prepare(settings, facts);
  const request = { width, height, embiggen, embiggenTiles };
  return inits.once(JSON.stringify([initImg, request]), async () => {
    const source = await inits.read(initImg);
    return { ...(await enlargeForTiles(source, request, facts, surroundings)), hash: source.hash };
  });
}

/** What decides how a picture is enlarged for its tiles. */
type TilesRequest = Pick<LineSettings, "width" | "height" | "embiggenTiles"> & { readonly embiggen: Embiggen };

/**
 * Enlarges a picture for Embiggen as InvokeAI 2.3 does: with the upscaler by 2 or 4, then with the Lanczos filter to the exact size. What cannot
 * be drawn is refused before. Transparency is left out.
 *
 * @throws DreamError usage/line for an inpainting model or tiles that do not fit, image/too-large, engine/*
 */
export async function enlargeForTiles(
  picture: RgbPicture,
  request: TilesRequest,
  { family }: Pick<LoadedModel, "family">,
  surroundings: ToolSurroundings,
): Promise<RgbPicture> {
  if (family.includes("inpainting")) {
    throw new DreamError("usage/line", "--embiggen is not supported by inpainting models; !switch to another one");
  }
  const { width, height, rgb } = picture;
  const { embiggen } = request;
  const [scale, share] = embiggen;
  const size = enlargedSize(picture, scale);
  tilesOf(request, size);
  const same = size.width === width && size.height === height;
  const own = { width, height, rgb };
  if (same) return own;
  const enlarger = sharpens(embiggen) ? await Enlarger.choose(surroundings) : undefined;
  const sharper = enlarger === undefined ? own : await enlarger.enlarge(own, [scale > 2 ? 4 : 2, share]);
  const checkStopped = () => {
    if (surroundings.stopped()) throw interrupted();
  };
  return resizePicture(sharper, size, "lanczos", checkStopped);
}

/** @throws DreamError image/too-large above 8192 pixels a side */
function enlargedSize({ width, height }: PixelSize, scale: number): PixelSize {
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (Math.max(size.width, size.height) <= LONGEST_SIDE) return size;
  const made = `--embiggen ${scale} would make ${size.width}x${size.height} pixels`;
  throw new DreamError("image/too-large", `${made}, and a side has at most ${LONGEST_SIDE}; choose a smaller factor`);
}
