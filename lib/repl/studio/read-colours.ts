import { readPicture } from "../../images/pixels/decode-picture.js";
import { type LabHistograms, labHistograms } from "../../images/pixels/match-histograms.js";

/**
 * The colours of the picture that `--init_color` names.
 * @throws DreamError file/*, image/*
 */
export async function readColours(path: string | undefined): Promise<LabHistograms | undefined> {
  return path === undefined ? undefined : labHistograms(await readPicture(path));
}
