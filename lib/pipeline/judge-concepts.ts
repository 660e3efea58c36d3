/** How near a picture is to concepts, and from where on it counts: one number each for every concept. */
export interface ConceptScores {
  /** Cosines, −1 … 1. */
  readonly cosines: ArrayLike<number>;
  readonly thresholds: ArrayLike<number>;
}

/** What every threshold is lowered by once a special-care concept was found. */
const SPECIAL_CARE = 0.01;

/**
 * Which concepts a picture shows, by StableDiffusionSafetyChecker's arithmetic (diffusers, over numpy 1 as InvokeAI 2.3 ran it): float64
 * differences, rounded to thousandths. A special-care concept that is found lowers all thresholds behind it.
 * @returns places of the usual concepts; the picture is unsafe when there is one
 */
export function judgeConcepts(special: ConceptScores, usual: ConceptScores): number[] {
  let adjustment = 0;
  const isFound = ({ cosines, thresholds }: ConceptScores, place: number) => isAboveZero(cosines[place]! - thresholds[place]! + adjustment);
  for (let place = 0; place < special.cosines.length; place++) {
    if (isFound(special, place)) adjustment = SPECIAL_CARE;
  }
  return Array.from({ length: usual.cosines.length }, (_, place) => place).filter((place) => isFound(usual, place));
}

/** round(score, 3) > 0. numpy rounds 1000 · score, halves to the even number: half a thousandth is nothing. */
function isAboveZero(score: number): boolean {
  return score * 1000 > 0.5;
}

/** Vectors shorter than this are taken for this long, as torch does. */
const SHORTEST = 1e-12;

/**
 * Cosines between a vector and each row of a matrix, as 32-bit floats.
 * @param matrix (N, vector.length), row-major
 */
export function cosinesWithRows(vector: Float32Array, matrix: Float32Array): Float32Array {
  const width = vector.length;
  const length = lengthOf(vector);
  return Float32Array.from({ length: matrix.length / width }, (_, row) => {
    const direction = matrix.subarray(row * width, (row + 1) * width);
    const product = direction.reduce((sum, value, i) => sum + value * vector[i]!, 0);
    return product / length / lengthOf(direction);
  });
}

function lengthOf(vector: Float32Array): number {
  return Math.max(Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)), SHORTEST);
}
