import { DreamError } from "../../errors.js";
import { findCommand } from "../../images/metadata/read-command.js";
import { type DecodedPicture, decodePicture } from "../../images/pixels/decode-picture.js";
import { encodePng } from "../../images/pixels/encode-png.js";
import { type PictureFile, readPictureFile, textsOf } from "../../images/pixels/picture-file.js";
import { resizePicture, sizeInside } from "../../images/pixels/resize.js";
import { byteText } from "./byte-text.js";
import type { Command, Desk } from "./command.js";
import { locateOnly } from "./locate-file.js";

/** Pixels of the longest side that goes to a terminal: no window shows more. */
const LONGEST_SIDE = 2048;

export const show: Command = {
  name: "!show",
  prefix: "!show",
  usage: "!show FILE",
  help: "shows a picture in the terminal, with its size and the command inside it",
  details:
    "A name without a folder is looked for in the folder of pictures, then in the working directory. A terminal that knows no pictures gets\n" +
    "half blocks; where there is no terminal only the text is shown.",
  async run(argument, desk) {
    if (argument === "") throw new DreamError("usage/line", "please name a picture: !show FILE");
    const file = await readPictureFile(locateOnly(argument, [desk.outdir, "."]));
    const picture = await decodePicture(file.bytes, file.path);
    if (desk.interactive) await send(file, picture, desk);
    const size = `${picture.width}×${picture.height} pixels, ${file.format}, ${byteText(file.bytes.length)}`;
    desk.say([`>> ${file.path}: ${size}`, ...picture.notes.map((note) => `>> ${note}`), commandLine(file)].join("\n"));
    if (!desk.interactive) {
      desk.say(">> there is no terminal here to show it in; a terminal that knows no pictures shows half blocks (dream --preview blocks)");
    }
    return "done";
  },
};

async function send({ path }: PictureFile, picture: DecodedPicture, desk: Desk): Promise<void> {
  const size = sizeInside(picture, { width: LONGEST_SIDE, height: LONGEST_SIDE });
  const small = await resizePicture(picture, size, "bicubic");
  // Always encoded anew: what goes to the terminal holds pixels and nothing else of an unknown file.
  desk.emit({ type: "picture", picture: { path, png: await encodePng(small, []), asked: true } });
}

/** What the picture says about itself; that it says nothing sensible is no reason not to show it. */
function commandLine(file: PictureFile): string {
  try {
    return findCommand(textsOf(file), file.path)?.line ?? ">> file has no metadata";
  } catch (error) {
    if (error instanceof DreamError) return `>> ${error.message}`;
    throw error;
  }
}
