/** Brackets and swaps inside each other; whatever is deeper is text. */
export const DEEPEST = 200;

/** Prompts of one mixture or conjunction: each costs a run of the text encoder. */
export const MOST_PARTS = 100;

/** LoRAs of one prompt. */
export const MOST_LORAS = 100;

/** Notes on one prompt; nobody reads more. */
export const MOST_NOTES = 10;
