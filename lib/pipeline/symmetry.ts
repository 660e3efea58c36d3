import type { Extent } from "../networks/network-sessions.js";
import type { StepProgress } from "./step-options.js";

/**
 * Whether latents are mirrored behind this step: the first one at which the share of the steps that went before, (step − 1)/total, has
 * reached `time`, as InvokeAI 2.3.5 counts. What no step reaches (1, or 0.95 of 10 steps) is due behind the last one, where that program did
 * nothing.
 * @param time 0 … 1; 0 is never
 */
export function isMirrorStep(time: number, { step, total }: StepProgress): boolean {
  const isReached = (count: number) => count === total || (count - 1) / total >= time;
  return time > 0 && isReached(step) && !isReached(step - 1);
}

/** Makes the right half of every row the mirror image of the left one. In place; the middle of an odd width stays. */
export function mirrorLeftToRight(latents: Float32Array, { width }: Extent): void {
  for (let row = 0; row < latents.length; row += width) {
    for (let x = Math.ceil(width / 2); x < width; x++) latents[row + x] = latents[row + width - 1 - x]!;
  }
}

/** Makes the lower half of every channel the mirror image of the upper one. In place. */
export function mirrorTopToBottom(latents: Float32Array, { height, width }: Extent): void {
  const area = height * width;
  for (let channel = 0; channel < latents.length; channel += area) {
    for (let y = Math.ceil(height / 2); y < height; y++) {
      const mirrored = channel + (height - 1 - y) * width;
      latents.copyWithin(channel + y * width, mirrored, mirrored + width);
    }
  }
}
