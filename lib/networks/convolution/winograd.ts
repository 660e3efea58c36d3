/**
 * Winograd's minimal filtering F(m×m, 3×3) after Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * https://arxiv.org/abs/1509.09308 : Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A. In two dimensions each transform is one Kronecker product, so a whole
 * tile is transformed by one matrix. The kernels' part, G g Gᵀ, is in transform-kernel.ts.
 */
export interface WinogradTransform {
  /** Side of the output tile, m. */
  readonly outputTile: number;
  /** Side of the input tile, m + 2. */
  readonly inputTile: number;
  /** Bᵀ ⊗ Bᵀ, (n², n²). */
  readonly input: Float32Array;
  /** Aᵀ ⊗ Aᵀ, (m², n²). */
  readonly output: Float32Array;
}

/** Interpolation points 0, 1, −1, ∞. */
const F2: WinogradTransform = transform(
  2,
  [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ],
  [
    [1, 1, 1, 0],
    [0, 1, -1, -1],
  ],
);

/** Interpolation points 0, 1, −1, 2, −2, ∞. */
const F4: WinogradTransform = transform(
  4,
  [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ],
  [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ],
);

/** The transform with output tiles of side 2 or 4. */
export function winogradTransform(outputTile: 2 | 4): WinogradTransform {
  return outputTile === 2 ? F2 : F4;
}

function transform(outputTile: number, input: number[][], output: number[][]): WinogradTransform {
  return { outputTile, inputTile: outputTile + 2, input: squared(input), output: squared(output) };
}

/** Kronecker product of a matrix with itself, row-major. */
function squared(matrix: readonly (readonly number[])[]): Float32Array {
  const entries = matrix.flatMap((rowA) => matrix.map((rowB) => rowA.flatMap((a) => rowB.map((b) => a * b))));
  return Float32Array.from(entries.flat());
}
