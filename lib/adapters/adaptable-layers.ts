import { ldmUnetModules, translateKey } from "../checkpoints/ldm-key-map.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import type { NetworkParts } from "../networks/parts.js";
import { layerOf } from "../networks/weight-delta.js";
import type { AdaptedNetwork } from "./lora-keys.js";

/** A layer whose weight a LoRA may change. */
export interface AdaptableLayer {
  /** As networks name it: the checkpoint key without `.weight`. */
  readonly name: string;
  /** Of its weight: (O, I) or (O, I, kh, kw). */
  readonly shape: readonly number[];
}

/** The layers of a model under the names that LoRA files give them. */
export class AdaptableLayers {
  readonly #layers: Readonly<Record<AdaptedNetwork, ReadonlyMap<string, AdaptableLayer>>>;

  constructor({ unet, textEncoder }: Pick<NetworkParts, "unet" | "textEncoder">) {
    const toLdm = new Map([...ldmUnetModules(unet.config)].map(([ldm, diffusers]) => [diffusers, ldm]));
    this.#layers = {
      unet: namesOf(unet.weights, (name) => translateKey(`${name}.weight`, toLdm)),
      // PEFT wraps transformers' newer text encoder, whose keys have no `text_model.`.
      textEncoder: namesOf(textEncoder.weights, (name) => name.replace(/^text_model\./, "")),
    };
  }

  /** @param name with `_` for every dot, in diffusers' names or in those of the original checkpoints */
  find(network: AdaptedNetwork, name: string): AdaptableLayer | undefined {
    return this.#layers[network].get(name);
  }
}

function namesOf(weights: WeightSource, otherName: (name: string) => string | undefined): Map<string, AdaptableLayer> {
  const layers = new Map<string, AdaptableLayer>();
  for (const key of weights.keys()) {
    const shape = weights.get(key)?.shape ?? [];
    if (!key.endsWith(".weight") || (shape.length !== 2 && shape.length !== 4) || key.includes(".embeddings.")) continue;
    const layer = { name: layerOf(key), shape };
    for (const name of [layer.name, otherName(layer.name)]) {
      if (name !== undefined) layers.set(layerOf(name).replaceAll(".", "_"), layer);
    }
  }
  return layers;
}
