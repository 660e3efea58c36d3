import { basename } from "node:path";
import type { PngText } from "../../images/metadata/png-text.js";
import { printRecorded, recordedLine } from "../../images/metadata/print-recorded.js";
import { readRecorded, seedFromName } from "../../images/metadata/read-command.js";
import { prepareOutputFolder } from "../../images/names/output-folder.js";
import { type DecodedPicture, decodePicture } from "../../images/pixels/decode-picture.js";
import { type PictureFile, textsOf } from "../../images/pixels/picture-file.js";
import type { ParsedLine } from "../../options/read.js";
import type { LineValues } from "../../options/table.js";
import { freshSeed } from "../../random/seeds.js";
import type { Desk } from "./command.js";

const LARGEST_SEED = 0xffff_ffff;

/** A picture to mend, and what is known of how it was made. */
export interface Source {
  readonly file: PictureFile;
  readonly texts: readonly PngText[];
  readonly seed: number;
  readonly prompt: string;
  /** What the recorded line repeats of it. */
  readonly values: LineValues;
  readonly modelId?: string;
}

/** The texts of a picture that cannot be understood are no reason not to change it. */
export function sourceOf(file: PictureFile, asked: number | undefined): Source {
  const texts = textsOf(file);
  const recorded = readRecorded(texts);
  const parsed = recorded && recordedLine(recorded);
  const seed = asked ?? parsed?.seed ?? seedFromName(basename(file.path)) ?? 0;
  const isDrawn = recorded?.verb === undefined;
  const { steps, width, height, cfgScale, sampler } = parsed ?? {};
  return {
    file,
    texts,
    // What is no seed asks for any, as in the reference.
    seed: seed >= 0 && seed <= LARGEST_SEED ? seed : freshSeed(),
    prompt: isDrawn ? (parsed?.prompt ?? "") : "",
    values: { steps, width, height, cfgScale, sampler },
    modelId: recorded?.modelId,
  };
}

/**
 * The pixels of a picture to mend, once the folder for the new one is there.
 *
 * @throws DreamError image/*, output/unwritable
 */
export async function openSource({ file }: Source, { outdir }: ParsedLine, desk: Desk): Promise<DecodedPicture> {
  await prepareOutputFolder(outdir || desk.outdir);
  const picture = await decodePicture(file.bytes, file.path);
  for (const note of picture.notes) desk.say(`>> ${note}`);
  return picture;
}

/** The line that does it again, as the reference records it. @param values what was done */
export function fixCommand({ file, seed, values: drawn, modelId }: Source, values: LineValues): string {
  return printRecorded({
    dialect: "dream",
    verb: "!fix",
    prompt: file.path,
    values: { ...drawn, ...values, seed },
    notes: [],
    modelId,
    postprocessing: [],
  });
}
