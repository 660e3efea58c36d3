import { isJsonObject, type JsonObject } from "../json-file.js";

/** How strong a LoRA's products are where its tensors do not say it: PEFT writes that into a configuration. */
export interface RankScaling {
  readonly alpha: number;
  /** Absent where the tensors alone tell it. */
  readonly rank?: number;
  /** Other alphas, by the end of a layer's name. */
  readonly alphaPattern: ReadonlyMap<string, number>;
  /** alpha / √rank instead of alpha / rank (https://arxiv.org/abs/2312.03732). */
  readonly rankStabilized: boolean;
}

/** Patterns beyond these are not looked at. */
const MOST_PATTERNS = 10_000;

/**
 * Reads what PEFT's LoraConfig (`lora_alpha`) or LoHaConfig and LoKrConfig (`alpha`) say.
 * @param prefix in front of every name, as diffusers puts it
 * @returns undefined where no alpha is said
 */
export function readRankScaling(config: JsonObject, prefix = ""): RankScaling | undefined {
  const alpha = config[`${prefix}lora_alpha`] ?? config[`${prefix}alpha`];
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) return undefined;
  const rank = config[`${prefix}r`];
  const patterns = config[`${prefix}alpha_pattern`];
  const entries = isJsonObject(patterns) ? Object.entries(patterns).slice(0, MOST_PATTERNS) : [];
  return {
    alpha,
    rank: typeof rank === "number" && rank >= 1 ? rank : undefined,
    alphaPattern: new Map(entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1]))),
    rankStabilized: config[`${prefix}use_rslora`] === true,
  };
}

/**
 * The factor of a layer's change: alpha / rank; 1 where nobody says an alpha.
 * @param layer its dotted name
 * @param rank of the factors; absent where there are none (LoKr of two whole matrices), which are not scaled
 * @param alpha of the file's own tensor; it wins
 */
export function scaleOf(layer: string, rank: number | undefined, alpha: number | undefined, scaling: RankScaling | undefined): number {
  const divisor = rank ?? scaling?.rank;
  if (alpha !== undefined) return rank === undefined ? 1 : alpha / rank;
  if (scaling === undefined || divisor === undefined) return 1;
  return alphaFor(layer, scaling) / (scaling.rankStabilized ? Math.sqrt(divisor) : divisor);
}

function alphaFor(layer: string, { alpha, alphaPattern }: RankScaling): number {
  for (const [pattern, other] of alphaPattern) {
    const whole = pattern.startsWith("^");
    const name = whole ? pattern.slice(1) : pattern;
    if (layer === name || (!whole && layer.endsWith(`.${name}`))) return other;
  }
  return alpha;
}
