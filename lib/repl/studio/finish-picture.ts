import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { facesOf } from "../../options/faces.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import type { Enlarger } from "./enlarger.js";
import type { FaceMender } from "./face-mender.js";

/** What changes a drawn picture. */
export interface FinishingMeans {
  /** What -U enlarges with; absent when upscaling is switched off, or when no line asks for it. */
  readonly enlarger?: Enlarger;
  /** What -G restores faces with; absent when that is switched off, or when no line asks for it. */
  readonly faceMender?: FaceMender;
  /** True once the user asked to stop. */
  readonly stopped: () => boolean;
}

/** What can be told while it is done. */
export interface FinishingReport {
  readonly say: (text: string) => void;
  /** Told why something could not be done, unless the user stopped it. */
  readonly onFailure: (failure: unknown) => void;
}

/** A picture, and the settings that make it again. */
export interface FinishedPicture {
  readonly image: RgbPicture;
  readonly settings: PictureSettings;
}

const NOT_ENLARGED = { upscale: undefined } as const;
const NOT_MENDED = { facetoolStrength: undefined, facetool: undefined, codeformerFidelity: undefined } as const;

/** The settings of a picture that was drawn and not changed. */
export function settingsAsDrawn(settings: PictureSettings): PictureSettings {
  return { ...settings, ...NOT_ENLARGED, ...NOT_MENDED };
}

/**
 * Enlarges a drawn picture, then restores its faces, as far as its settings ask for it. What cannot be done is told and left out, of the settings,
 * too.
 *
 * @returns `drawn` itself where nothing was changed
 */
export async function finishPicture(
  drawn: RgbPicture,
  settings: PictureSettings,
  means: FinishingMeans,
  report: FinishingReport,
): Promise<FinishedPicture> {
  const enlarged = await enlarge(drawn, settings, means, report);
  const mended = await mendFaces(enlarged ?? drawn, settings, means, report);
  const left = { ...(enlarged === undefined ? NOT_ENLARGED : {}), ...(mended === undefined ? NOT_MENDED : {}) };
  return { image: mended ?? enlarged ?? drawn, settings: { ...settings, ...left } };
}

type Change = (
  picture: RgbPicture,
  settings: PictureSettings,
  means: FinishingMeans,
  report: FinishingReport,
) => Promise<RgbPicture | undefined>;

/** @returns undefined when there is nothing to do, or when it could not be done; so does the next one */
const enlarge: Change = async (drawn, { upscale, seed }, { enlarger, stopped }, report) => {
  if (upscale === undefined) return undefined;
  if (enlarger !== undefined) return unlessItFails(() => enlarger.enlarge(drawn, upscale, seed), stopped, report);
  report.say(">> ESRGAN is disabled. Image not upscaled.");
  return undefined;
};

const mendFaces: Change = async (picture, settings, { faceMender, stopped }, report) => {
  const faces = facesOf(settings);
  if (faces === undefined || stopped()) return undefined;
  const mend = async (mender: FaceMender) => (await mender.restore(picture, faces, settings.seed)).picture;
  if (faceMender !== undefined) return unlessItFails(() => mend(faceMender), stopped, report);
  report.say(">> Face Restoration is disabled.");
  return undefined;
};

async function unlessItFails(
  change: () => Promise<RgbPicture>,
  stopped: () => boolean,
  { say, onFailure }: FinishingReport,
): Promise<RgbPicture | undefined> {
  try {
    return await change();
  } catch (failure) {
    if (stopped()) return undefined;
    say(">> Error running RealESRGAN or GFPGAN. Your image was not upscaled.");
    onFailure(failure);
    return undefined;
  }
}
