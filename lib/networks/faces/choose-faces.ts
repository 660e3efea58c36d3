import type { FaceCandidate, FaceRules } from "./face-candidate.js";

/** Candidates that are compared with one another, at most: those with the highest scores, as in OpenCV. */
const MOST_CANDIDATES = 5000;
/** Faces that are found in one picture, at most. */
const MOST_FACES = 200;

/**
 * Leaves one of all candidates that are the same face (greedy non-maximum suppression), the best first. Candidates whose numbers are none
 * are left out.
 */
export function chooseFaces(candidates: readonly FaceCandidate[], { score, overlap }: FaceRules): FaceCandidate[] {
  const counting = candidates.filter((candidate) => candidate.score > score && hasNumbers(candidate));
  counting.sort((one, other) => other.score - one.score);
  const chosen: FaceCandidate[] = [];
  for (const candidate of counting.slice(0, MOST_CANDIDATES)) {
    if (chosen.length === MOST_FACES) break;
    if (chosen.every((face) => sharedPart(face.box, candidate.box) <= overlap)) chosen.push(candidate);
  }
  return chosen;
}

function hasNumbers({ box, landmarks }: FaceCandidate): boolean {
  return [...box, ...landmarks.flat()].every(Number.isFinite);
}

/** Intersection over union. */
function sharedPart(one: FaceCandidate["box"], other: FaceCandidate["box"]): number {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared === 0 ? 0 : shared / (areaOf(one) + areaOf(other) - shared);
}

function areaOf([left, top, right, bottom]: FaceCandidate["box"]): number {
  return (right - left) * (bottom - top);
}
