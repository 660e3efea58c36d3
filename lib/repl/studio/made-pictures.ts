/** A picture file. */
export interface MadePicture {
  readonly path: string;
  readonly dream: string;
  /** Seeds of the pictures on it when it is a grid or a contact sheet. */
  readonly rowSeeds?: readonly number[];
}

/** A picture that a line made, for `-S -1` and `-I -1`; one in a grid has no file of its own. */
export interface LineResultPicture {
  readonly seed: number;
  readonly path?: string;
}

/** What came of one line; pictures finished before a failure or an interrupt are kept and listed. */
export interface MadePictures {
  readonly files: readonly MadePicture[];
  readonly pictures: readonly LineResultPicture[];
  readonly interrupted: boolean;
  readonly failure?: unknown;
  /** Wall-clock seconds for all of it. */
  readonly seconds: number;
}
