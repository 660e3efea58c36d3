import type { PictureSettings } from "../../options/picture-settings.js";
import type { LineRequest } from "../../options/resolve.js";
import { freshSeed, nextSeed } from "../../random/seeds.js";

/** One picture of a line, before it is made. */
export interface PlannedPicture {
  readonly settings: PictureSettings;
  /** Names the file: the seed of what is the picture's own. */
  readonly fileSeed: number;
}

/**
 * The pictures of one line in order. The first has the line's seed, each later one the successor of the seed before
 * (`randrange` of Python, as in the reference). With `-v` all share the line's seed and differ in the noise that is mixed in, whose
 * first seed is a fresh one; `settings` then is the line that makes the single picture again.
 *
 * @param seed of the first picture
 * @param variationSeed of the first variation
 */
export function* planPictures(request: LineRequest, seed: number, variationSeed = freshSeed()): Generator<PlannedPicture> {
  const { settings, iterations, variationAmount } = request;
  let own = variationAmount > 0 ? variationSeed : seed;
  for (let picture = 0; picture < iterations; picture++) {
    if (variationAmount > 0) {
      const withVariations = [...settings.withVariations, { seed: own, weight: variationAmount }];
      yield { settings: { ...settings, seed, withVariations }, fileSeed: own };
    } else {
      yield { settings: { ...settings, seed: own }, fileSeed: settings.withVariations.at(-1)?.seed ?? own };
    }
    own = nextSeed(own);
  }
}
