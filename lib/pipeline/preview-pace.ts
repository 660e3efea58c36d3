/** Previews that are only looked at come no closer together than this, in seconds: a picture that is done sooner needs none. */
const SHORTEST_SECONDS = 1;
/** They take at most this share of the time that passes. */
const LARGEST_SHARE = 0.05;

/** Decides behind which steps a preview is made that is only looked at: by the time that steps take, and by what the last preview took. */
export class PreviewPace {
  private last: number;
  private cost = 0;

  /** @param now seconds of a clock */
  constructor(private readonly now: () => number = () => performance.now() / 1000) {
    this.last = now();
  }

  /** Whether a step that is done now has one. */
  isDue(): boolean {
    return this.now() - this.last >= Math.max(SHORTEST_SECONDS, this.cost / LARGEST_SHARE);
  }

  /** Makes one and notes what it took. */
  async make<Result>(preview: () => Promise<Result>): Promise<Result> {
    const began = this.now();
    const made = await preview();
    this.last = this.now();
    this.cost = this.last - began;
    return made;
  }
}
