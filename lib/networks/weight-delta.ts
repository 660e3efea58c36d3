/** A matrix as a product: up (O, rank) · down (rank, J), both row-major. */
export interface Factors {
  readonly rank: number;
  readonly up: Float32Array;
  readonly down: Float32Array;
}

/** A matrix as it is, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** scale · up · down (LoRA, https://arxiv.org/abs/2106.09685). */
export interface ProductDelta extends Factors {
  readonly kind: "product";
  readonly scale: number;
}

/**
 * A change of one layer's weight, (O, J) with J = I·kh·kw, that is added to it. `hadamard` multiplies two products element by element
 * (LoHa, https://arxiv.org/abs/2108.06098), `kronecker` is scale · left ⊗ right (LoKr, https://arxiv.org/abs/2212.10650).
 */
export type WeightDelta =
  | ProductDelta
  | { readonly kind: "hadamard"; readonly first: Factors; readonly second: Factors; readonly scale: number }
  | { readonly kind: "kronecker"; readonly left: Matrix; readonly right: Matrix; readonly scale: number };

/** Deltas by layer name: the checkpoint key without `.weight`. */
export type WeightDeltas = ReadonlyMap<string, readonly WeightDelta[]>;

/** The changes of one tensor; none for biases. */
export function deltasOf(key: string, deltas: WeightDeltas | undefined): readonly WeightDelta[] {
  return (key.endsWith(".weight") ? deltas?.get(layerOf(key)) : undefined) ?? [];
}

/** The layer of a tensor's key. */
export function layerOf(key: string): string {
  return key.replace(/\.weight$/, "");
}

/** True when the runtime can add all of them by one matrix product while it loads. */
export function areProducts(deltas: readonly WeightDelta[]): deltas is readonly ProductDelta[] {
  return deltas.every(({ kind }) => kind === "product");
}

/**
 * The sum of several products as one: the factors side by side, each scale in its up part. A single one is not copied.
 * @param outputs rows of the weight
 * @param from,to the rows that are wanted
 */
export function sumOfProducts(deltas: readonly ProductDelta[], outputs: number, from = 0, to = outputs): ProductDelta {
  const [only] = deltas;
  if (only !== undefined && deltas.length === 1) return { ...only, up: only.up.subarray(from * only.rank, to * only.rank) };
  const rank = deltas.reduce((sum, delta) => sum + delta.rank, 0);
  const up = new Float32Array((to - from) * rank);
  const down = new Float32Array(deltas.reduce((sum, delta) => sum + delta.down.length, 0));
  let first = 0;
  let filled = 0;
  for (const delta of deltas) {
    for (let row = from; row < to; row++) {
      for (let r = 0; r < delta.rank; r++) up[(row - from) * rank + first + r] = delta.scale * delta.up[row * delta.rank + r]!;
    }
    down.set(delta.down, filled);
    filled += delta.down.length;
    first += delta.rank;
  }
  return { kind: "product", rank, up, down, scale: 1 };
}

/**
 * Adds a change to a weight. Every row is summed up in double precision first.
 * @param weight (outputs, J), changed in place
 */
export function addDelta(weight: Float32Array, outputs: number, delta: WeightDelta): void {
  const inputs = weight.length / outputs;
  const row = new Float64Array(inputs);
  const other = new Float64Array(delta.kind === "hadamard" ? inputs : 0);
  for (let output = 0; output < outputs; output++) {
    if (delta.kind === "product") productRow(delta, output, row);
    else if (delta.kind === "kronecker") kroneckerRow(delta.left, delta.right, output, row);
    else {
      productRow(delta.first, output, row);
      productRow(delta.second, output, other);
      for (let i = 0; i < inputs; i++) row[i] = row[i]! * other[i]!;
    }
    for (let i = 0, to = output * inputs; i < inputs; i++, to++) weight[to] = weight[to]! + delta.scale * row[i]!;
  }
}

function productRow({ up, down, rank }: Factors, output: number, row: Float64Array): void {
  const inputs = row.length;
  const factors = output * rank;
  row.fill(0);
  let r = 0;
  // Four at a time: the row is read and written less often.
  for (; r + 4 <= rank; r += 4) {
    const [a, b, c, d] = [up[factors + r]!, up[factors + r + 1]!, up[factors + r + 2]!, up[factors + r + 3]!];
    const [second, third, fourth] = [inputs, 2 * inputs, 3 * inputs];
    for (let i = 0, from = r * inputs; i < inputs; i++, from++) {
      row[i] = row[i]! + a * down[from]! + b * down[from + second]! + c * down[from + third]! + d * down[from + fourth]!;
    }
  }
  for (; r < rank; r++) {
    const factor = up[factors + r]!;
    for (let i = 0, from = r * inputs; i < inputs; i++, from++) row[i] = row[i]! + factor * down[from]!;
  }
}

function kroneckerRow(left: Matrix, right: Matrix, output: number, row: Float64Array): void {
  const leftRow = Math.floor(output / right.rows) * left.columns;
  const rightRow = (output % right.rows) * right.columns;
  for (let l = 0, to = 0; l < left.columns; l++) {
    const factor = left.values[leftRow + l]!;
    for (let r = 0; r < right.columns; r++, to++) row[to] = factor * right.values[rightRow + r]!;
  }
}
