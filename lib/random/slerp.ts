/** Above this cosine the two noises are taken as parallel: the sine in the divisor would lose its digits. */
const PARALLEL = 0.9995;

/**
 * Spherical interpolation between two noises of equal length, seen as one vector each: keeps the norm that the sampler expects, which
 * a straight mixture would shrink. Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
 * @param amount 0 gives `from`, 1 gives `to`
 */
export function slerp(amount: number, from: Float32Array, to: Float32Array): Float32Array {
  let dot = 0;
  let fromSquares = 0;
  let toSquares = 0;
  for (let i = 0; i < from.length; i++) {
    dot += from[i]! * to[i]!;
    fromSquares += from[i]! ** 2;
    toSquares += to[i]! ** 2;
  }
  const cosine = dot / Math.sqrt(fromSquares * toSquares);
  let fromWeight = 1 - amount;
  let toWeight = amount;
  if (Math.abs(cosine) <= PARALLEL) {
    const angle = Math.acos(cosine);
    fromWeight = Math.sin((1 - amount) * angle) / Math.sin(angle);
    toWeight = Math.sin(amount * angle) / Math.sin(angle);
  }
  // Products of 32-bit floats, as an array library multiplies a float tensor by a number.
  const [a, b] = [Math.fround(fromWeight), Math.fround(toWeight)];
  return from.map((value, i) => Math.fround(a * value) + Math.fround(b * to[i]!));
}
