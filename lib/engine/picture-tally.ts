import type { StageSeconds } from "./protocol.js";

/** What was done since the program started; a crash of the engine process does not reset it. */
export interface Tally {
  /** Pictures finished. */
  readonly pictures: number;
  /** Seconds in each stage of the last picture; absent before the first one. */
  readonly lastPicture?: StageSeconds;
  /** Seconds in each stage of all pictures. */
  readonly totals: StageSeconds;
  /** Seconds that the last model took to load; absent before the first one. */
  readonly lastLoadSeconds?: number;
}

export const EMPTY_TALLY: Tally = { pictures: 0, totals: { conditioning: 0, sampling: 0, decoding: 0 } };

/** The tally with one more picture. */
export function withPicture(tally: Tally, seconds: StageSeconds): Tally {
  const { totals } = tally;
  return {
    ...tally,
    pictures: tally.pictures + 1,
    lastPicture: seconds,
    totals: {
      conditioning: totals.conditioning + seconds.conditioning,
      sampling: totals.sampling + seconds.sampling,
      decoding: totals.decoding + seconds.decoding,
    },
  };
}
