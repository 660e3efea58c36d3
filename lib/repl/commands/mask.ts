import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import { DreamError } from "../../errors.js";
import { logPicture } from "../../images/metadata/log.js";
import { printRecorded } from "../../images/metadata/print-recorded.js";
import { type MaskKind, PictureNames } from "../../images/names/file-names.js";
import { prepareOutputFolder } from "../../images/names/output-folder.js";
import { heatLevels, maskOfHeat } from "../../images/painting/heat-mask.js";
import { encodePng, type TransparentPicture } from "../../images/pixels/encode-png.js";
import { type InitImage, readInitImage } from "../../images/pixels/init-image.js";
import { type ParsedLine, parseLine } from "../../options/read.js";
import { readTextMask, type TextMask, textMaskWords } from "../../options/text-mask.js";
import type { MadePicture } from "../studio/made-pictures.js";
import type { Command, Desk, LineResult } from "./command.js";
import { locateFile } from "./locate-file.js";

export const mask: Command = {
  name: "!mask",
  prefix: "!mask",
  usage: "!mask FILE -tm TEXT [LIMIT]",
  help: "shows what a text masks in a picture",
  details:
    "Writes three pictures: without what TEXT names (.deselected), with nothing but that (.selected), both the more transparent the less likely it\n" +
    "is, and the mask that -M takes (.masked): black where it is likelier than LIMIT, 0.5 when absent. A text of several words stands in\n" +
    "quotation marks. A name without a folder is looked for in the folder of pictures, then in the working directory. -o and -z say where\n" +
    "and how they are written. A CLIPSeg must be registered (!import_model FOLDER).",
  async run(argument, desk) {
    const line = parseLine(argument);
    if (line.help) return desk.runLine("!help !mask");
    if (line.prompt === "") throw new DreamError("usage/line", 'please name a picture: !mask FILE -tm "a hat"');
    if (line.textMask === undefined) throw new DreamError("usage/line", "Please provide a text mask with -tm");
    const wanted = readTextMask(line.textMask);
    const path = locateFile(line.prompt, [desk.outdir, "."]);
    if (!existsSync(path)) {
      throw new DreamError("usage/line", `"${line.prompt}" not found. Please enter the name of an existing image file to mask`);
    }
    return makeMasks(await readInitImage(path), wanted, line, desk);
  },
};

async function makeMasks(image: InitImage, wanted: TextMask, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const started = performance.now();
  const { path } = image.file;
  const outdir = line.outdir || desk.outdir;
  await prepareOutputFolder(outdir);
  for (const note of image.notes) desk.say(`>> ${note}`);
  await desk.shelf.settled();
  const pictures = await picturesOf(image, wanted, desk);
  const dream = maskCommand(path, wanted);
  const stem = basename(path, extname(path));
  const names = new PictureNames(outdir);
  const files: MadePicture[] = [];
  try {
    for (const [kind, picture] of pictures) {
      const png = await encodePng(picture, [{ keyword: "Dream", text: dream }], line.pngCompression ?? desk.launch.pngCompression);
      const written = await names.writeMask(stem, wanted.text, kind, png);
      files.push({ path: written, dream });
      desk.emit({ type: "picture", picture: { path: written, png } });
    }
  } finally {
    await names.close();
  }
  desk.studio.tellOutputs(files, files.length, (performance.now() - started) / 1000);
  for (const file of files) await logPicture(outdir, file.path, dream);
  return "done";
}

/** In the order of the reference; what is transparent of the picture itself counts for nothing. */
async function picturesOf(
  image: InitImage,
  { text, threshold }: TextMask,
  desk: Desk,
): Promise<readonly (readonly [MaskKind, TransparentPicture])[]> {
  const { width, height, rgb } = image;
  const map = await desk.studio.textMasks.find(image, text);
  const levels = await maskOfHeat(map, image, threshold);
  const grey = Uint8Array.from({ length: rgb.length }, (_, i) => levels[Math.floor(i / 3)]!);
  return [
    ["deselected", { width, height, rgb, alpha: await heatLevels(map, image, true) }],
    ["selected", { width, height, rgb, alpha: await heatLevels(map, image, false) }],
    ["masked", { width, height, rgb: grey }],
  ];
}

function maskCommand(path: string, wanted: TextMask): string {
  const values = { textMask: textMaskWords(wanted) };
  return printRecorded({ dialect: "dream", verb: "!mask", prompt: path, values, notes: [], postprocessing: [] });
}
