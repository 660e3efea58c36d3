import type { PixelSize } from "../images/pixels/resize.js";

/**
 * Asks a terminal what it can do: kitty's graphics query, the size of a letter in pixels, then the primary device attributes, which every
 * terminal answers, so that nobody need wait for an answer to the others. Terminals that know none of it may show a few characters of it.
 */
export const TERMINAL_QUERY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c";

/** An answer to all questions is far shorter. */
const MAX_ANSWER = 4096;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const KITTY = /\x1b_G[^\x1b]{0,64};OK\x1b/;
/** `ESC [ ? class ; attributes c` */
const ATTRIBUTES = /\x1b\[\?(\d{1,4}(?:;\d{1,4})*)c/;
/** `ESC [ 6 ; height ; width t` */
const CELL = /\x1b\[6;(\d{1,4});(\d{1,4})t/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: the end of them

/** True when the answer to TERMINAL_QUERY says that kitty's pictures are shown. */
export function saysKitty(answer: string): boolean {
  return KITTY.test(answer.slice(0, MAX_ANSWER));
}

/** True when sixel graphics, attribute 4, are among the attributes; the first number is the terminal's class. */
export function saysSixel(answer: string): boolean {
  const attributes = ATTRIBUTES.exec(answer.slice(0, MAX_ANSWER))?.[1]?.split(";") ?? [];
  return attributes.slice(1).includes("4");
}

/** Pixels of one letter; undefined when the terminal did not say. */
export function cellSize(answer: string): PixelSize | undefined {
  const found = CELL.exec(answer.slice(0, MAX_ANSWER));
  const [height, width] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** True when everything that was asked is answered: the device attributes come last. */
export function isAnswerComplete(answer: string): boolean {
  return answer.length >= MAX_ANSWER || ATTRIBUTES.test(answer);
}
