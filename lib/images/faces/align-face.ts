/** A place in a picture, in pixels; the centre of the first pixel is 0, 0. */
export type Point = readonly [x: number, y: number];

/** Left eye, right eye, tip of the nose, left and right corner of the mouth, as the picture shows them. */
export type Landmarks = readonly [Point, Point, Point, Point, Point];

/** Turns, scales and moves: (x, y) becomes (cosine·x − sine·y + right, sine·x + cosine·y + down). The scale is in both factors. */
export interface Similarity {
  readonly cosine: number;
  readonly sine: number;
  readonly right: number;
  readonly down: number;
}

/** Side in pixels of the square that the template is for. */
const TEMPLATE_SIDE = 512;

/** Where the landmarks of an upright face lie in a square of 512 pixels. Source: facexlib, `face_restoration_helper.py` (FFHQ). */
const TEMPLATE: Landmarks = [
  [192.98138, 239.94708],
  [318.90277, 240.1936],
  [256.63416, 314.01935],
  [201.26117, 371.41043],
  [313.08905, 371.15118],
];

/**
 * The similarity that brings a face upright into the middle of a square: the least squares of all five landmarks, S. Umeyama, "Least-squares
 * estimation of transformation parameters between two point patterns" (1991), here for a plane and without mirroring.
 *
 * @param side pixels of the square
 * @returns undefined when the landmarks lie in one place or are no numbers
 */
export function alignFace(landmarks: Landmarks, side: number): Similarity | undefined {
  const target = TEMPLATE.map(([x, y]): Point => [(x * side) / TEMPLATE_SIDE, (y * side) / TEMPLATE_SIDE]);
  const from = centreOf(landmarks);
  const to = centreOf(target);
  let [along, across, spread] = [0, 0, 0];
  for (const [i, point] of landmarks.entries()) {
    const [x, y] = [point[0] - from[0], point[1] - from[1]];
    const [u, v] = [target[i]![0] - to[0], target[i]![1] - to[1]];
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  const [cosine, sine] = [along / spread, across / spread];
  const scale = Math.hypot(cosine, sine);
  if (!(scale > 0 && Number.isFinite(scale))) return undefined;
  return { cosine, sine, right: to[0] - (cosine * from[0] - sine * from[1]), down: to[1] - (sine * from[0] + cosine * from[1]) };
}

/** @returns the place that a point is brought to */
export function moved({ cosine, sine, right, down }: Similarity, [x, y]: Point): Point {
  return [cosine * x - sine * y + right, sine * x + cosine * y + down];
}

/** The way back. */
export function inverse({ cosine, sine, right, down }: Similarity): Similarity {
  const square = cosine * cosine + sine * sine;
  const [back, turn] = [cosine / square, -sine / square];
  return { cosine: back, sine: turn, right: -(back * right - turn * down), down: -(turn * right + back * down) };
}

function centreOf(points: readonly Point[]): Point {
  const sum = points.reduce(([x, y], point): Point => [x + point[0], y + point[1]], [0, 0] as Point);
  return [sum[0] / points.length, sum[1] / points.length];
}
