import type { NoiseLevel } from "./noise-level.js";
import type { Sampler } from "./sampler.js";
import { weightedSum } from "./vectors.js";

const ORDER = 4;

/**
 * Linear multistep: integrates the polynomial through the last four slopes over the step (Adams–Bashforth with uneven steps); after
 * k-diffusion's sampler of this name.
 *
 * A run that starts in the middle uses the weights for four slopes from its first step on and lacks the older slopes, as InvokeAI 2.3
 * (diffusers) did; k-diffusion itself would begin with Euler's step there.
 */
export const sampleLms: Sampler = async (x, run) => {
  const { levels } = run;
  const slopes: Float32Array[] = [];
  for (let i = run.first; i < levels.length - 1; i++) {
    const { denoised, noise } = await run.denoise(x, levels[i]!);
    slopes.unshift(noise);
    slopes.splice(ORDER);
    // The levels of the last slopes, newest first: the nodes of the polynomial.
    const nodes = levels.slice(Math.max(i + 1 - ORDER, 0), i + 1).reverse();
    x = weightedSum([1, x], ...slopes.map((slope, k) => [lagrangeIntegral(nodes, k, levels[i + 1]!), slope] as const));
    await run.stepDone(x, denoised);
  }
  return x;
};

/** ∫ from the newest node to `end` of the Lagrange polynomial that is 1 at node k and 0 at the others, by σ. */
function lagrangeIntegral(nodes: readonly NoiseLevel[], k: number, end: NoiseLevel): number {
  const polynomial = (sigma: number) =>
    nodes.reduce((product, node, j) => (j === k ? product : (product * (sigma - node.sigma)) / (nodes[k]!.sigma - node.sigma)), 1);
  // Two-point Gauss–Legendre quadrature: exact up to degree 3.
  const middle = (end.sigma + nodes[0]!.sigma) / 2;
  const half = (end.sigma - nodes[0]!.sigma) / 2;
  return half * (polynomial(middle - half / Math.sqrt(3)) + polynomial(middle + half / Math.sqrt(3)));
}
