import { type Conjunction, holdsSwap, SWAP_DEFAULTS, type SwapFragment, type SwapOptions } from "../prompt/tree.js";

/** When which attention maps of the original picture are kept; shares of the steps. */
export interface SwapWindow extends Required<SwapOptions> {
  /** Another swap has options that do not count. */
  readonly ignored: boolean;
}

/**
 * When the swaps of a prompt work. There is one edited picture, so all of them work at the same time: when the first one with options says
 * (InvokeAI 2.3 listens to the first one).
 *
 * @returns undefined for a prompt without swaps
 */
export function swapWindow({ prompts }: Conjunction): SwapWindow | undefined {
  const swaps = prompts.filter(holdsSwap).flatMap((prompt) => (prompt.kind === "flat" ? prompt.fragments.filter(isSwap) : []));
  if (swaps.length === 0) return undefined;
  const windows = swaps.filter(({ options }) => Object.keys(options).length > 0).map(({ options }) => ({ ...SWAP_DEFAULTS, ...options }));
  const first = windows[0] ?? SWAP_DEFAULTS;
  const isSame = (other: Required<SwapOptions>) =>
    (Object.keys(SWAP_DEFAULTS) as (keyof SwapOptions)[]).every((key) => other[key] === first[key]);
  return { ...first, ignored: !windows.every(isSame) };
}

function isSwap(fragment: { readonly kind: string }): fragment is SwapFragment {
  return fragment.kind === "swap";
}
