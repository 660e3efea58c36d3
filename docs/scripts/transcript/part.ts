/** A picture that an example presupposes. */
export interface Preparation {
  /** Typed at the program, which makes one picture of it. */
  readonly line: string;
  /** Where the picture is put then, from the working folder. */
  readonly as: string;
}

/** What is typed, and what shows that it is done. Acts that nothing is told of stand in the block of the one before. */
export interface Act {
  /** Explains it in the document. */
  readonly told?: string;
  /** Keys, or what follows from the rows that the act before brought; a line ends in `\r`. */
  readonly keys: string | ((rows: readonly string[]) => string);
  /** Stands on the screen when it is done; nothing when the keys leave the program. */
  readonly shows?: string;
  /** Pressed after the screen was noted: empties the buffer, for example. */
  readonly after?: string;
}

/** One start of the program, and what is done there. */
export interface Part {
  readonly heading: string;
  readonly told?: string;
  /** Switches of the command line. */
  readonly launch: readonly string[];
  readonly prepared?: readonly Preparation[];
  /** Empty files. */
  readonly touched?: readonly string[];
  /** Lines of earlier sessions. */
  readonly history?: readonly string[];
  /** At a terminal; without them `piped` is sent through a pipe. */
  readonly acts?: readonly Act[];
  /** Shows what the program says before its first prompt. */
  readonly showsStart?: true;
  readonly piped?: readonly string[];
  /** Shows afterwards what images2prompt says about the pictures. */
  readonly images2prompt?: true;
}
