import { type KernelForm, kernelShape } from "./kernel-forms.js";

const TAPS = 9;
/** Kernels that are transformed together: their intermediate values stay in the first-level cache. */
const BLOCK = 128;

/** Takes a kernel (O, I, 3, 3) part by part and brings it into a form. */
export interface KernelTransform<Data extends Float32Array | Uint16Array> {
  /** `kernelShape(form, O, I)`, row-major; complete when every part was added. */
  readonly result: Data;
  /**
   * @param kernels whole 3×3 kernels in the order of the tensor
   * @param first number of the first of them
   */
  add(kernels: Data, first: number): void;
}

/** The transform into a form of 32-bit numbers; exact but for Winograd's, which rounds to fp32. */
export function kernelTransform(form: KernelForm, outChannels: number, inChannels: number): KernelTransform<Float32Array> {
  const count = outChannels * inChannels;
  const result = new Float32Array(kernelShape(form, outChannels, inChannels).reduce((product, extent) => product * extent, 1));
  if (form === "winograd2") return { result, add: (kernels, first) => winograd2(kernels, first, result, count) };
  if (form === "winograd4") return { result, add: (kernels, first) => winograd4(kernels, first, result, count) };
  return { result, add: (kernels, first) => spread(kernels, first, result, form === "taps-first" ? count : inChannels) };
}

/** The same for float16 bits, which are only moved. */
export function halfKernelTransform(outChannels: number, inChannels: number): KernelTransform<Uint16Array> {
  const result = new Uint16Array(TAPS * outChannels * inChannels);
  return { result, add: (kernels, first) => spread(kernels, first, result, inChannels) };
}

/** Within every `run` kernels, the first taps of all come first, then the second ones, and so on: (…, run, 9) → (…, 9, run). */
function spread<Data extends Float32Array | Uint16Array>(kernels: Data, first: number, out: Data, run: number): void {
  const count = kernels.length / TAPS;
  for (let from = 0; from < count; ) {
    const place = (first + from) % run;
    const size = Math.min(run - place, count - from);
    const begin = (first + from - place) * TAPS + place;
    for (let tap = 0; tap < TAPS; tap++) {
      const to = begin + tap * run;
      for (let i = 0, at = from * TAPS + tap; i < size; i++, at += TAPS) out[to + i] = kernels[at]!;
    }
    from += size;
  }
}

/** Takes the three numbers of one row of G g and writes that row of G g Gᵀ. */
type PutRow = (place: number, i: number, left: number, middle: number, right: number) => void;

/**
 * Transforms kernels block by block. The places of a block are collected side by side first: written one by one they would be megabytes
 * apart and share the same few cache lines.
 * @param block as many numbers as a block has places
 */
function blockwise(
  kernels: Float32Array,
  first: number,
  out: Float32Array,
  count: number,
  block: Float32Array,
  transform: (k: number, i: number) => void,
): void {
  const places = block.length / BLOCK;
  const total = kernels.length / TAPS;
  for (let begin = 0; begin < total; begin += BLOCK) {
    const size = Math.min(BLOCK, total - begin);
    for (let i = 0, k = begin * TAPS; i < size; i++, k += TAPS) transform(k, i);
    for (let place = 0; place < places; place++) {
      out.set(block.subarray(place * BLOCK, place * BLOCK + size), place * count + first + begin);
    }
  }
}

/** G g Gᵀ with G of F(2×2, 3×3): rows (1, 0, 0), (1, 1, 1)/2, (1, −1, 1)/2, (0, 0, 1). */
function winograd2(kernels: Float32Array, first: number, out: Float32Array, count: number): void {
  const block = new Float32Array(16 * BLOCK);
  const put: PutRow = (place, i, left, middle, right) => {
    const outer = (left + right) * 0.5;
    const inner = middle * 0.5;
    const at = place * BLOCK + i;
    block[at] = left;
    block[at + BLOCK] = outer + inner;
    block[at + 2 * BLOCK] = outer - inner;
    block[at + 3 * BLOCK] = right;
  };
  blockwise(kernels, first, out, count, block, (k, i) => {
    const [a, b, c] = [kernels[k]!, kernels[k + 1]!, kernels[k + 2]!];
    const [d, e, f] = [kernels[k + 3]! * 0.5, kernels[k + 4]! * 0.5, kernels[k + 5]! * 0.5];
    const [g, h, j] = [kernels[k + 6]!, kernels[k + 7]!, kernels[k + 8]!];
    const [left, middle, right] = [(a + g) * 0.5, (b + h) * 0.5, (c + j) * 0.5];
    put(0, i, a, b, c);
    put(4, i, left + d, middle + e, right + f);
    put(8, i, left - d, middle - e, right - f);
    put(12, i, g, h, j);
  });
}

/**
 * G g Gᵀ with G of F(4×4, 3×3): rows (1/4, 0, 0), −(1, 1, 1)/6, −(1, −1, 1)/6, (1, 2, 4)/24, (1, −2, 4)/24, (0, 0, 1).
 */
function winograd4(kernels: Float32Array, first: number, out: Float32Array, count: number): void {
  const SIXTH = 1 / 6;
  const block = new Float32Array(36 * BLOCK);
  const put: PutRow = (place, i, left, middle, right) => {
    const [outer, inner] = [(left + right) * SIXTH, middle * SIXTH];
    const [far, half] = [left * (SIXTH / 4) + right * SIXTH, middle * (SIXTH / 2)];
    const at = place * BLOCK + i;
    block[at] = left * 0.25;
    block[at + BLOCK] = -outer - inner;
    block[at + 2 * BLOCK] = inner - outer;
    block[at + 3 * BLOCK] = far + half;
    block[at + 4 * BLOCK] = far - half;
    block[at + 5 * BLOCK] = right;
  };
  blockwise(kernels, first, out, count, block, (k, i) => {
    const [a, b, c] = [kernels[k]!, kernels[k + 1]!, kernels[k + 2]!];
    const [d, e, f] = [kernels[k + 3]!, kernels[k + 4]!, kernels[k + 5]!];
    const [g, h, j] = [kernels[k + 6]!, kernels[k + 7]!, kernels[k + 8]!];
    const [d6, e6, f6] = [d * SIXTH, e * SIXTH, f * SIXTH];
    const [left, middle, right] = [(a + g) * SIXTH, (b + h) * SIXTH, (c + j) * SIXTH];
    const [farLeft, farMiddle, farRight] = [a * (SIXTH / 4) + g * SIXTH, b * (SIXTH / 4) + h * SIXTH, c * (SIXTH / 4) + j * SIXTH];
    put(0, i, a * 0.25, b * 0.25, c * 0.25);
    put(6, i, -left - d6, -middle - e6, -right - f6);
    put(12, i, d6 - left, e6 - middle, f6 - right);
    put(18, i, farLeft + d6 * 0.5, farMiddle + e6 * 0.5, farRight + f6 * 0.5);
    put(24, i, farLeft - d6 * 0.5, farMiddle - e6 * 0.5, farRight - f6 * 0.5);
    put(30, i, g, h, j);
  });
}
