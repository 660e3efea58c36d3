/** What `-t` shows of a prompt: how it was read, and its tokens. */
export interface TokenLog {
  /** The halves as they were understood. */
  readonly prompt: string;
  readonly negative: string;
  /** Texts that were encoded, in order. */
  readonly texts: readonly LoggedText[];
}

export interface LoggedText {
  /** "" for the prompt itself, "(negative prompt)", "(blend part 1, weight=0.5)" … */
  readonly label: string;
  /** A blank stands where a word ends. */
  readonly tokens: readonly string[];
  /** Those that did not fit. */
  readonly discarded: readonly string[];
}
