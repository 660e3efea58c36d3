import type { Landmarks } from "../../images/faces/align-face.js";
import type { OutputTensor } from "../../onnx/exported-graph.js";

/** What a detector takes for a face, in pixels of the picture that it saw. */
export interface FaceCandidate {
  /** 0 … 1. */
  readonly score: number;
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  readonly landmarks: Landmarks;
}

/** Which candidates count, and how similar two may be before they are the same face. */
export interface FaceRules {
  /** Scores above this count. */
  readonly score: number;
  /** Share of two boxes' union, 0 … 1, above which the one with the lower score goes. */
  readonly overlap: number;
}

/** Sides of the squares, in pixels, that the three levels of these detectors look at the picture in. */
export const STRIDES = [8, 16, 32] as const;

/** Five points of a row of ten numbers. @param place turns the numbers of one point into its place */
export function landmarksOf({ data }: OutputTensor, row: number, place: (x: number, y: number) => readonly [number, number]): Landmarks {
  const at = row * 10;
  const point = (index: number) => place(data[at + 2 * index]!, data[at + 2 * index + 1]!);
  return [point(0), point(1), point(2), point(3), point(4)];
}
