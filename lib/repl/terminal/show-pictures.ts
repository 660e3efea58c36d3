import { decodePicture } from "../../images/pixels/decode-picture.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import type { LaunchValues } from "../../options/table.js";
import { detectPictureProtocol, detectTextColours, type Environment, type PictureProtocol } from "../../terminal-images/detect.js";
import { drawPicture } from "../../terminal-images/draw-picture.js";
import { cellSize } from "../../terminal-images/terminal-answer.js";
import type { ShownPicture } from "../events.js";

/** A window in letters. */
export interface Window {
  readonly columns: number;
  readonly rows: number;
}

/** Text that shows a picture, ending with a line end; undefined when it is not to be shown. */
export type ShowPicture = (picture: ShownPicture, window: Window) => Promise<string | undefined>;

/** Text that shows a picture on its way in letters, in so many columns and rows at most, ending with a line end. */
export type DrawPreview = (preview: RgbPicture, room: Window) => Promise<string>;

/** Rows of the window that stay for what is told about the picture, status and prompt. */
const ROWS_FOR_TEXT = 6;
const MOST_ROWS = 32;

/**
 * How pictures are shown on this terminal.
 *
 * @param mode of `--preview`: without it pictures are shown where the terminal really can, with it in letters where it cannot
 * @param answer of the terminal to the question what it can
 */
export function pictureShower(mode: LaunchValues["preview"], environment: Environment, answer: string, unicode: boolean): ShowPicture {
  const detected = detectPictureProtocol(environment, answer);
  const colours = detectTextColours(environment);
  return async ({ path, png, asked }, window) => {
    const protocol = protocolFor(mode, detected, asked === true);
    if (protocol === undefined) return undefined;
    const rows = Math.min(MOST_ROWS, Math.max(1, window.rows - ROWS_FOR_TEXT));
    const room = { protocol, colours, unicode, columns: Math.max(1, window.columns - 1), rows, cell: cellSize(answer) };
    return drawPicture(await decodePicture(png, path), room);
  };
}

/**
 * How pictures are shown while they are drawn: in letters on every terminal, because letters can be taken away and drawn anew exactly.
 * The parameters are those of `pictureShower`.
 *
 * @returns undefined where finished pictures are not shown either
 */
export function previewDrawer(
  mode: LaunchValues["preview"],
  environment: Environment,
  answer: string,
  unicode: boolean,
): DrawPreview | undefined {
  if (protocolFor(mode, detectPictureProtocol(environment, answer), false) === undefined) return undefined;
  const colours = detectTextColours(environment);
  return (preview, room) => drawPicture(preview, { ...room, protocol: "none", colours, unicode });
}

/** @returns undefined when the picture is not to be shown */
function protocolFor(mode: LaunchValues["preview"], detected: PictureProtocol, asked: boolean): PictureProtocol | undefined {
  if (mode === "kitty" || mode === "iterm" || mode === "sixel") return mode;
  if (mode === "blocks") return "none";
  if (mode === "auto" || asked) return detected;
  return mode === "off" || detected === "none" ? undefined : detected;
}
