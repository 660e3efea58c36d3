import type { HoledPicture } from "./hole-pyramid.js";
import { spreadColours } from "./spread-colours.js";

/** A whole number from 0 to below `end`. */
type Below = (end: number) => number;

/**
 * For every 3×3 patch that touches a hole a patch of the rest that looks like it. Patches are named by their middle pixel. One level of a
 * pyramid; the algorithm is described at `patchedHole`.
 */
export class PatchField {
  private forwards = true;

  private constructor(
    readonly picture: HoledPicture,
    /** 1 where a whole patch is there. */
    private readonly sources: Uint8Array,
    /** Patches that touch the hole, from the top left to the bottom right. */
    private readonly targets: Int32Array,
    /** By target: its source, and how unlike they are. */
    private readonly nearest: Int32Array,
    private readonly distances: Float64Array,
  ) {}

  /** Patches that are looked for. */
  get size(): number {
    return this.targets.length;
  }

  /**
   * @param picture whose `rgb` will be changed
   * @param coarser the field of its half: colours and sources to begin with; without it they are spread from the border and chosen at random
   * @returns undefined when no whole patch is there
   */
  static over(picture: HoledPicture, coarser: PatchField | undefined, below: Below): PatchField | undefined {
    const { width, height, hole } = picture;
    const sources = new Uint8Array(hole.length);
    const targets: number[] = [];
    for (let place = 0; place < hole.length; place++) {
      const x = place % width;
      const y = Math.floor(place / width);
      if (touchesHole(picture, x, y)) targets.push(place);
      else if (x > 0 && y > 0 && x < width - 1 && y < height - 1) sources[place] = 1;
    }
    const all = Int32Array.from(sources.keys()).filter((place) => sources[place] === 1);
    if (all.length === 0) return undefined;
    const nearest = new Int32Array(hole.length);
    const field = new PatchField(picture, sources, Int32Array.from(targets), nearest, new Float64Array(hole.length));
    if (coarser === undefined) spreadColours(picture);
    else field.takeColours(coarser.picture);
    for (const target of targets) nearest[target] = field.sourceFrom(coarser, target) ?? all[below(all.length)]!;
    return field;
  }

  /** Looks for better sources: those of the neighbours, then some at random in smaller and smaller squares. */
  search(below: Below): void {
    const { targets, nearest, distances, picture } = this;
    const { width, height } = picture;
    for (const target of targets) distances[target] = this.distance(target, nearest[target]!, Number.POSITIVE_INFINITY);
    const step = this.forwards ? 1 : -1;
    const longest = Math.max(width, height);
    for (let i = 0; i < targets.length; i++) {
      const target = targets[this.forwards ? i : targets.length - 1 - i]!;
      for (const side of [step, step * width]) {
        // A neighbour's source, moved by as much.
        const theirs = nearest[target - side] ?? NONE;
        if (theirs !== NONE) this.consider(target, theirs + side);
      }
      for (let radius = longest; radius >= 1; radius >>= 1) {
        const around = nearest[target]!;
        const column = around % width;
        const x = column + below(2 * radius + 1) - radius;
        const y = (around - column) / width + below(2 * radius + 1) - radius;
        if (x > 0 && y > 0 && x < width - 1 && y < height - 1) this.consider(target, y * width + x);
      }
    }
    this.forwards = !this.forwards;
  }

  /** Makes every missing pixel the mean of what the patches over it say, the more similar ones counting more. */
  vote(): void {
    const { nearest, distances, picture } = this;
    const { rgb, hole, width, height } = picture;
    for (const place of this.targets) {
      if (hole[place] === 0) continue;
      const x = place % width;
      const y = Math.floor(place / width);
      let [red, green, blue, total] = [0, 0, 0, 0];
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
          const target = row * width + column;
          const from = (nearest[target]! + place - target) * 3;
          const weight = 1 / (1 + distances[target]!);
          red += weight * rgb[from]!;
          green += weight * rgb[from + 1]!;
          blue += weight * rgb[from + 2]!;
          total += weight;
        }
      }
      rgb[place * 3] = Math.round(red / total);
      rgb[place * 3 + 1] = Math.round(green / total);
      rgb[place * 3 + 2] = Math.round(blue / total);
    }
  }

  private consider(target: number, source: number): void {
    if (this.sources[source] !== 1 || source === this.nearest[target]) return;
    const best = this.distances[target]!;
    const distance = this.distance(target, source, best);
    if (distance >= best) return;
    this.nearest[target] = source;
    this.distances[target] = distance;
  }

  /** Sum of squared differences over the part of the target's patch that lies in the picture; at `limit` it need not be exact. */
  private distance(target: number, source: number, limit: number): number {
    const { rgb, width, height } = this.picture;
    const x = target % width;
    const y = (target - x) / width;
    const [left, right] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
    let sum = 0;
    for (let row = y > 0 ? -1 : 0; row <= (y < height - 1 ? 1 : 0) && sum < limit; row++) {
      const end = (row * width + right + target) * 3 + 3;
      for (let here = (row * width + left + target) * 3; here < end; here++) {
        const difference = rgb[here]! - rgb[here + (source - target) * 3]!;
        sum += difference * difference;
      }
    }
    return sum;
  }

  private takeColours(coarse: HoledPicture): void {
    const { width, rgb, hole } = this.picture;
    for (let place = 0; place < hole.length; place++) {
      if (hole[place] === 0) continue;
      const from = halfOf(place, width, coarse) * 3;
      rgb.set(coarse.rgb.subarray(from, from + 3), place * 3);
    }
  }

  /** Where the coarser field's source lies here, if a whole patch is there. */
  private sourceFrom(coarser: PatchField | undefined, target: number): number | undefined {
    if (coarser === undefined) return undefined;
    const { width } = this.picture;
    const half = halfOf(target, width, coarser.picture);
    const theirs = coarser.nearest[half]!;
    if (theirs === NONE) return undefined;
    const coarse = coarser.picture.width;
    const x = (theirs % coarse) * 2 + (target % width) - (half % coarse) * 2;
    const y = (Math.floor(theirs / coarse) - Math.floor(half / coarse)) * 2 + Math.floor(target / width);
    const source = y * width + x;
    return this.sources[source] === 1 ? source : undefined;
  }
}

/** The upper left pixel has no whole patch around it. */
const NONE = 0;

/** The pixel of the half that covers this one; the last row and column may have none of their own. */
function halfOf(place: number, width: number, half: HoledPicture): number {
  const x = Math.min(Math.floor((place % width) / 2), half.width - 1);
  const y = Math.min(Math.floor(Math.floor(place / width) / 2), half.height - 1);
  return y * half.width + x;
}

function touchesHole({ width, height, hole }: HoledPicture, x: number, y: number): boolean {
  for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
    for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
      if (hole[row * width + column] === 1) return true;
    }
  }
  return false;
}
