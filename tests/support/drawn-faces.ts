import { alignFace, inverse, type Landmarks, moved, type Point, type Similarity } from "../../lib/images/faces/align-face.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";

/** A face to draw: where its nose is, how far apart its eyes are (pixels), and how it is turned (radians). */
export interface FaceToDraw {
  readonly nose: Point;
  readonly eyes: number;
  readonly angle?: number;
}

const BACKGROUND = [60, 90, 120] as const;
const SKIN = [225, 180, 150] as const;
/** Red, green, blue of the landmarks: what the stand-in detectors of `tests/oracles/faces` look for. */
const MARKERS = [
  [40, 200, 40],
  [40, 60, 220],
  [220, 40, 40],
  [220, 210, 40],
  [210, 60, 210],
] as const;
/** An upright face whose nose is at 0, 0 and whose eyes are one pixel apart. */
const UPRIGHT: Landmarks = [
  [-0.5055, -0.5882],
  [0.4945, -0.5862],
  [0, 0],
  [-0.4397, 0.4557],
  [0.4483, 0.4537],
];

/** A picture with these faces, and their landmarks. */
export function drawFaces(width: number, height: number, faces: readonly FaceToDraw[]): { picture: RgbPicture; landmarks: Landmarks[] } {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = BACKGROUND[i % 3]!;
  const picture = { width, height, rgb };
  return { picture, landmarks: faces.map((face) => drawFace(picture, face)) };
}

function drawFace(picture: RgbPicture, { nose, eyes, angle = 0 }: FaceToDraw): Landmarks {
  const place: Similarity = { cosine: eyes * Math.cos(angle), sine: eyes * Math.sin(angle), right: nose[0], down: nose[1] };
  const back = inverse(place);
  const landmarks = UPRIGHT.map((point) => moved(place, point));
  const [left, top] = nose.map((place) => Math.max(0, Math.floor(place - 2 * eyes))) as [number, number];
  for (let y = top; y < Math.min(picture.height, nose[1] + 2 * eyes); y++) {
    for (let x = left; x < Math.min(picture.width, nose[0] + 2 * eyes); x++) {
      const [across, along] = moved(back, [x, y]);
      if (Math.hypot(across / 1.1, (along + 0.2) / 1.45) > 1) continue;
      const marker = MARKERS.find((_, i) => Math.hypot(x - landmarks[i]![0], y - landmarks[i]![1]) <= Math.max(1, 0.11 * eyes));
      picture.rgb.set(marker ?? SKIN, (y * picture.width + x) * 3);
    }
  }
  return landmarks as unknown as Landmarks;
}

/** The level that the stand-in for GFPGAN makes of one. */
export function brightened(level: number): number {
  return Math.round((Math.min(1, (level / 127.5 - 1) * 0.8 + 0.3) + 1) * 127.5);
}

/** Where the alignment of a drawn face brings its nose in a square of this side. */
export function noseInSquare(landmarks: Landmarks, side: number): Point {
  return moved(alignFace(landmarks, side) as Similarity, landmarks[2]);
}
