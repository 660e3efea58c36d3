import type { LoraInUse } from "../../adapters/combine-loras.js";
import { findLora } from "../../adapters/find-lora.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import { parsePrompt } from "../../prompt/parse-prompt.js";

/** The files that a prompt's `withLora()` mean, and what to tell. */
export interface FoundLoras {
  readonly loras: readonly LoraInUse[];
  /** Sentences without a final stop. */
  readonly notes: readonly string[];
}

/**
 * Looks for the LoRAs of a prompt. One that is named several times counts with the sum of its weights, one of weight 0 not at all.
 *
 * @param folders absolute
 */
export async function findLoras(
  { prompt, skipNormalize }: Pick<PictureSettings, "prompt" | "skipNormalize">,
  folders: readonly string[],
): Promise<FoundLoras> {
  const weights = new Map<string, number>();
  for (const { name, weight } of parsePrompt(prompt, { skipNormalize: skipNormalize ?? false }).loras)
    weights.set(name, (weights.get(name) ?? 0) + weight);
  const loras: LoraInUse[] = [];
  const notes: string[] = [];
  for (const [name, weight] of weights) {
    const path = await findLora(name, folders);
    if (path === undefined) notes.push(`** Unable to find lora: ${name}`);
    else if (weight !== 0) loras.push({ name, path, weight });
  }
  return { loras, notes };
}
