import { setImmediate } from "node:timers/promises";
import { MersenneTwister } from "../../random/mersenne-twister.js";
import type { RgbPicture, TransparentPicture } from "../pixels/encode-png.js";
import { holePyramid } from "./hole-pyramid.js";
import { PatchField } from "./patch-field.js";

/** How hard a level of the pyramid is searched, by the number of its patches, so that a whole picture takes few seconds, however large it is. */
const EFFORTS = [
  { most: 20_000, rounds: 4, sweeps: 2 },
  { most: 100_000, rounds: 2, sweeps: 1 },
  { most: 500_000, rounds: 1, sweeps: 1 },
] as const;

/**
 * Fills what is not opaque with what the rest looks like: from coarse to fine, for every 3×3 patch that touches the hole the most similar one
 * of the rest is looked for (C. Barnes et al., "PatchMatch", 2009), and the hole becomes the mean of what they say (Y. Wexler et al.,
 * "Space-time completion of video", 2007, section 3).
 *
 * @param seed of the search, 0 … 2³²−1
 * @param onTurn called between two sweeps; what it throws ends the work
 * @returns undefined when there is no patch to copy
 */
export async function patchedHole(
  picture: Required<TransparentPicture>,
  seed: number,
  onTurn: () => void,
): Promise<RgbPicture | undefined> {
  const { width, height, alpha } = picture;
  const hole = alpha.map((opacity) => (opacity === 255 ? 0 : 1));
  const random = MersenneTwister.fromSeed(seed);
  const below = (end: number) => random.nextUint32() % end;
  let field: PatchField | undefined;
  for (const level of [...holePyramid({ width, height, rgb: picture.rgb.slice(), hole })].reverse()) {
    field = PatchField.over(level, field, below) ?? field;
    const { rounds = 0, sweeps = 0 } = EFFORTS.find(({ most }) => field !== undefined && field.size <= most) ?? {};
    for (let round = 0; round < rounds; round++) {
      for (let sweep = 0; sweep < sweeps; sweep++) {
        await setImmediate();
        onTurn();
        field?.search(below);
      }
      field?.vote();
    }
  }
  // A picture whose smallest version has patches has them in its own size, too.
  return field && { width, height, rgb: field.picture.rgb };
}
