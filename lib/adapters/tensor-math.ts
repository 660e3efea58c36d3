import type { Factors, Matrix } from "../networks/weight-delta.js";

/** (rows, columns) → (columns, rows). */
export function transposed({ rows, columns, values }: Matrix): Matrix {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return { rows: columns, columns: rows, values: result };
}

/** up · down, summed up in double precision. */
export function multiply({ rank, up, down }: Factors): Matrix {
  const rows = up.length / rank;
  const columns = down.length / rank;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += up[row * rank + r]! * down[r * columns + column]!;
      values[row * columns + column] = sum;
    }
  }
  return { rows, columns, values };
}

/**
 * The inner product of a Tucker decomposition: result[p, i, k] = Σ_q core[p, q, k] · down[q, i].
 * @param core (P, Q, taps)
 * @param down (Q, I)
 * @returns (P, I·taps)
 */
export function expandCore(core: Float32Array, down: Matrix, taps: number): Float32Array {
  const { rows: inner, columns: inputs } = down;
  const outer = core.length / (inner * taps);
  const result = new Float32Array(outer * inputs * taps);
  for (let p = 0; p < outer; p++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < taps; k++) {
        let sum = 0;
        for (let q = 0; q < inner; q++) sum += core[(p * inner + q) * taps + k]! * down.values[q * inputs + i]!;
        result[(p * inputs + i) * taps + k] = sum;
      }
    }
  }
  return result;
}
