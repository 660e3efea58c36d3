import type { LoadedModel } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import type { FoundCommand } from "../../images/metadata/read-command.js";
import { shorten } from "../../images/metadata/recorded-command.js";
import { comparePictures, type PictureDifference } from "../../images/pixels/compare-pictures.js";
import { type DecodedPicture, decodePicture } from "../../images/pixels/decode-picture.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { checkEnlargedSize } from "../../images/pixels/enlarge.js";
import { gridShape, makeGrid } from "../../images/pixels/grid.js";
import type { PixelSize } from "../../images/pixels/resize.js";
import { facesOf } from "../../options/faces.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import { type ParsedLine, parseLine } from "../../options/read.js";
import { type LineRequest, resolveLine } from "../../options/resolve.js";
import { expandSweeps } from "../../options/sweep.js";
import type { ActiveModel } from "../model-shelf.js";
import { prepareInit } from "../studio/enlarge-for-tiles.js";
import { Enlarger } from "../studio/enlarger.js";
import { FaceMender } from "../studio/face-mender.js";
import { InitialPictures, locateInitial } from "../studio/initial-pictures.js";
import { type PlannedPicture, planPictures } from "../studio/plan-series.js";
import type { ReadyInit } from "../studio/series.js";
import type { Command, Desk } from "./command.js";
import { locateOnly } from "./locate-file.js";
import { commandInside, readNamedPicture } from "./read-named-picture.js";
import { whyDifferent } from "./why-different.js";

export const verify: Command = {
  name: "!verify",
  prefix: "!verify",
  usage: "!verify FILE",
  help: "makes a picture again from the command inside it and compares the pixels",
  details:
    "Nothing is written. A name without a folder is looked for in the folder of pictures, then in the working directory. A grid is made again\n" +
    "as a whole, a picture that begins with another one from that file. What was changed after it was drawn cannot be verified. The line\n" +
    "fails when pixels differ.",
  async run(argument, desk) {
    if (argument === "") throw new DreamError("usage/line", "please name a picture: !verify FILE");
    const path = locateOnly(argument, [desk.outdir, "."]);
    const file = await readNamedPicture(path, path);
    const found = commandInside(file, path);
    checkUnchanged(found, path);
    const { facts, defaults } = await modelFor(found, path, desk);
    // Without the launch switches: they are today's, and a picture says everything itself.
    const request = resolveLine(lineOf(found, path), {}, defaults);
    const init = await initOf(request, facts, desk);
    const picture = await decodePicture(file.bytes, path);
    // Before anything is planned: a file can ask for a hundred thousand pictures.
    checkPixels(picture, sizeOf(request, init), path);
    const again = await drawAgain(planAgain(request, path), init, desk);
    // A seed that came twice has one cell.
    checkPixels(picture, again, path);
    const difference = comparePictures(picture, again);
    desk.say(`>> ${path}: ${differenceText(difference)}`);
    if (difference.differing === 0) return "done";
    desk.say(
      whyDifferent({ found, file, facts, difference, app: desk.app, initHash: init?.hash })
        .map((reason) => `>> ${reason}`)
        .join("\n"),
    );
    return "failed";
  },
};

/** @throws DreamError usage/line for what no command makes alone */
function checkUnchanged({ verb, parsed, postprocessing }: FoundCommand, path: string): void {
  if (verb !== undefined) throw new DreamError("usage/line", `${path} was made by ${verb} from ${shorten(parsed.prompt)}; verify that one`);
  if (postprocessing.length === 0) return;
  const tools = postprocessing.map(({ tool }) => tool).join(", ");
  throw new DreamError(
    "usage/line",
    `${path} was changed after it was drawn (${shorten(tools)}); verify the picture that it was made from`,
  );
}

/** The whole command as values: of a grid all of it, not its first picture. @throws DreamError usage/line for a contact sheet */
function lineOf({ line }: FoundCommand, path: string): ParsedLine {
  const { axes, lines } = expandSweeps(line);
  const [first] = lines;
  if (first !== undefined && axes.length === 0) return parseLine(first.line);
  throw new DreamError(
    "usage/line",
    `${path} is the contact sheet of a sweep, which cannot be verified; its pictures can, made without -g`,
  );
}

/** The model in use, if it is the one that made the picture. @throws DreamError usage/line */
async function modelFor({ modelId, modelHash }: FoundCommand, path: string, desk: Desk): Promise<ActiveModel> {
  const active = await desk.shelf.active();
  if (modelId === undefined || modelId === active.model.id || modelHash === active.facts.hash) return active;
  const { names } = await desk.catalogue.read();
  const advice = names.includes(modelId) ? `!switch ${modelId} first` : "it is not among the models that !models lists";
  throw new DreamError("usage/line", `${path} was made with the model ${modelId}: ${advice}`);
}

/** @throws DreamError usage/line, image/metadata when the command leaves something to chance */
function planAgain(request: LineRequest, path: string): PlannedPicture[] {
  const { settings, grid, iterations, variationAmount, variationSeed } = request;
  if (settings.seed === undefined) throw new DreamError("image/metadata", `${path} does not say its seed`);
  if (variationAmount > 0 && variationSeed === undefined) {
    throw new DreamError("image/metadata", `${path} does not say the seed of its variation`);
  }
  return [...planPictures({ ...request, iterations: grid ? iterations : 1 }, settings.seed, variationSeed)];
}

/** The picture that the command begins with. @throws DreamError file/*, image/*, usage/line */
async function initOf({ settings }: LineRequest, facts: LoadedModel, desk: Desk): Promise<ReadyInit | undefined> {
  const initImg = settings.initImg && locateInitial(settings.initImg, desk.outdir);
  const initMask = settings.initMask && locateInitial(settings.initMask, desk.outdir);
  const inits = new InitialPictures(desk.say, desk.studio.textMasks);
  return prepareInit(inits, { ...settings, initImg, initMask }, facts, desk);
}

/** Pixels of what the command makes. */
function sizeOf({ settings, grid, iterations }: LineRequest, init: ReadyInit | undefined): PixelSize {
  const [factor] = settings.upscale ?? [1];
  const { width, height } = checkEnlargedSize(init ?? settings, factor);
  const { rows, columns } = grid ? gridShape(iterations) : { rows: 1, columns: 1 };
  return { width: width * columns, height: height * rows };
}

/** @throws DreamError usage/line when the file cannot be what the command makes */
function checkPixels(picture: DecodedPicture, made: PixelSize, path: string): void {
  if (picture.width !== made.width || picture.height !== made.height) {
    const sizes = `has ${picture.width}×${picture.height} pixels, and its command makes ${made.width}×${made.height}`;
    throw new DreamError("usage/line", `${path} ${sizes}: it was changed afterwards`);
  }
  if (picture.alpha === undefined) return;
  throw new DreamError("usage/line", `${path} has transparent pixels, which no command makes: it was changed afterwards`);
}

/** @throws DreamError engine/cancelled when the user stopped it, and as the engine does */
async function drawAgain(planned: readonly PlannedPicture[], init: ReadyInit | undefined, desk: Desk): Promise<RgbPicture> {
  const cells = new Map<number, RgbPicture>();
  for (const { settings, fileSeed } of planned) {
    const drawn = desk.stopped() ? "cancelled" : await desk.studio.draw(settings, init);
    if (drawn === "cancelled") throw new DreamError("engine/cancelled", "Interrupted, nothing was compared");
    cells.set(fileSeed, await changedAgain(drawn.image, settings, desk));
  }
  // A grid of one cell is that picture.
  return makeGrid(cells);
}

/** @throws DreamError usage/line when restoring faces is switched off, tool/missing, and as below */
async function changedAgain(image: RgbPicture, settings: PictureSettings, desk: Desk): Promise<RgbPicture> {
  const enlarged = await enlargedAgain(image, settings, desk);
  const faces = facesOf(settings);
  if (faces === undefined) return enlarged;
  const faceMender = await FaceMender.choose(faces.facetool, desk);
  if (faceMender !== undefined) return (await faceMender.restore(enlarged, faces, settings.seed)).picture;
  throw new DreamError("usage/line", "faces were restored in the picture, and the program was started with --no_restore");
}

/** @throws DreamError usage/line when upscaling is switched off, and as the engine does */
async function enlargedAgain(image: RgbPicture, { upscale, seed }: PictureSettings, desk: Desk): Promise<RgbPicture> {
  if (upscale === undefined) return image;
  const enlarger = await Enlarger.choose(desk);
  if (enlarger !== undefined) return enlarger.enlarge(image, upscale, seed);
  throw new DreamError("usage/line", "the picture was enlarged, and the program was started with --no_upscale");
}

function differenceText({ differing, pixels, mean, largest }: PictureDifference): string {
  if (differing === 0) return "identical";
  return `${differing} of ${pixels} pixels differ, mean ${Number(mean.toPrecision(2))}/255, largest ${largest}/255`;
}
