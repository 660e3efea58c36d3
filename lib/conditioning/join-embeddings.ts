/**
 * The sum of embeddings of one size, each with its factor; sums are formed in double precision.
 *
 * @param parts at least one
 * @param factors one for each part
 */
export function mix(parts: readonly Float32Array[], factors: readonly number[]): Float32Array {
  const sum = new Float64Array(parts[0]?.length ?? 0);
  for (const [index, part] of parts.entries()) {
    const factor = factors[index] as number;
    for (let i = 0; i < sum.length; i++) sum[i]! += factor * (part[i] as number);
  }
  return Float32Array.from(sum);
}

/** Windows one behind the other. */
export function joinWindows(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
