/**
 * Rounds numbers to float16 bits, to nearest and ties to even; what is too large becomes infinite. (Reading float16 is
 * `toFloat32` of `checkpoints/read-tensor.ts`; Node 20 has no Float16Array.)
 */
export function toHalf(values: ArrayLike<number>): Uint16Array {
  const half = new Uint16Array(values.length);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]!;
    const sign = (bits[0]! >>> 16) & 0x8000;
    half[i] = sign | magnitude(bits[0]! & 0x7fffffff, Math.abs(float[0]));
  }
  return half;
}

const INFINITY = 0x7c00;

function magnitude(bits: number, value: number): number {
  if (Number.isNaN(value)) return INFINITY | 0x200;
  if (value >= 65520) return INFINITY;
  // Below the smallest normal number halves are multiples of 2⁻²⁴.
  if (value < 2 ** -14) return roundToEven(value * 2 ** 24);
  // Rebias the exponent (127 → 15), then add just under half of the last kept bit.
  const rebiased = bits - (112 << 23);
  return (rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13;
}

function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
