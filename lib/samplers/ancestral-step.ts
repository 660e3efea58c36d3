/**
 * Splits the way from noise level `from` to the lower level `to` into a deterministic part, down to `down`, and fresh noise of
 * deviation `up`, with down² + up² = to² (η = 1). Song et al., arXiv 2011.13456, appendix F; in sigmas as in k-diffusion.
 */
export function ancestralStep(from: number, to: number): { readonly down: number; readonly up: number } {
  const up = (to * Math.sqrt(from ** 2 - to ** 2)) / from;
  // √(to² − up²) in closed form: no cancellation.
  return { down: to ** 2 / from, up };
}
