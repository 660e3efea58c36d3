/** The networks that a LoRA may change. */
export type AdaptedNetwork = "unet" | "textEncoder";

/** What a tensor of a LoRA file is to the layer that it belongs to. */
export type LoraPart =
  | "up"
  | "down"
  | "mid"
  | "alpha"
  | `hada_w${1 | 2}_${"a" | "b"}`
  | `hada_t${1 | 2}`
  | `lokr_w${1 | 2}`
  | `lokr_w${1 | 2}_${"a" | "b"}`
  | "lokr_t2"
  | "magnitude";

/** A key of a LoRA file, read. */
export interface LoraKey {
  /** Everything in front of the part, as it is written: tensors with the same one belong together. */
  readonly module: string;
  readonly network: AdaptedNetwork;
  /** The layer's name with `_` for every dot: Kohya writes no others. */
  readonly layer: string;
  readonly part: LoraPart;
}

/**
 * The endings of the notations: Kohya's and LyCORIS' (`lora_up`, `hada_…`, `lokr_…`), diffusers' (`lora.up`, `lora_linear_layer.up`,
 * `processor.to_q_lora.up`), PEFT's (`lora_A` is down, `lora_B` is up; an adapter's name may follow).
 */
const UP_DOWN = /^(.+?)(?:\.lora_(up|down|mid)|\.lora\.(up|down)|\.lora_linear_layer\.(up|down)|_lora\.(up|down))\.weight$/;
const PEFT = /^(.+)\.lora_([AB])(?:\.[\w-]+)?\.weight$/;
const BARE = /^(.+)\.(alpha|hada_w[12]_[ab]|hada_t[12]|lokr_w[12](?:_[ab])?|lokr_t2)(?:\.weight)?$/;
const MAGNITUDE = /^(.+)\.(?:dora_scale|lora_magnitude_vector)(?:\.[\w-]+)?$/;

/** Prefixes of modules. The first column's names have `_` for dots. */
const PREFIXES: readonly (readonly [RegExp, AdaptedNetwork])[] = [
  [/^(?:lora_|lycoris_)unet[_.]/, "unet"],
  // te1 is the first of SDXL's text encoders and, in some files, the only one of SD 1.x.
  [/^(?:lora_|lycoris_)te1?[_.]/, "textEncoder"],
  [/^unet\./, "unet"],
  [/^text_encoder\./, "textEncoder"],
  [/^(?=text_model\.|encoder\.layers\.)/, "textEncoder"],
  [/^(?=down_blocks\.|mid_block\.|up_blocks\.|conv_in$|conv_out$|time_embedding\.)/, "unet"],
];

/** What diffusers called projections while they were attention processors: `to_q_lora` in the U-Net, for the text encoder as well. */
const PROCESSED: Readonly<Record<AdaptedNetwork, Readonly<Record<string, string>>>> = {
  unet: { to_out: "to_out.0" },
  textEncoder: { to_q: "q_proj", to_k: "k_proj", to_v: "v_proj", to_out: "out_proj" },
};

/** Reads a key; undefined for one that none of the notations writes. */
export function parseLoraKey(key: string): LoraKey | undefined {
  const found = splitPart(key);
  if (found === undefined) return undefined;
  const name = found.module.replace(/^base_model\.model\./, "");
  const prefix = PREFIXES.find(([pattern]) => pattern.test(name));
  if (prefix === undefined) return undefined;
  const [pattern, network] = prefix;
  const bare = name.replace(pattern, "").replace(/\.processor\./, ".");
  const path = found.isProcessor ? bare.replace(/[^.]+$/, (last) => PROCESSED[network][last] ?? last) : bare;
  return { module: found.module, network, layer: path.replaceAll(".", "_"), part: found.part };
}

function splitPart(key: string): { module: string; part: LoraPart; isProcessor?: boolean } | undefined {
  const [, module, ...directions] = UP_DOWN.exec(key) ?? [];
  const direction = directions.find((name) => name !== undefined);
  if (module !== undefined && direction !== undefined) {
    return { module, part: direction as LoraPart, isProcessor: directions.at(-1) !== undefined };
  }
  const [, peftModule, letter] = PEFT.exec(key) ?? [];
  if (peftModule !== undefined) return { module: peftModule, part: letter === "A" ? "down" : "up" };
  const [, bareModule, part] = BARE.exec(key) ?? [];
  if (bareModule !== undefined) return { module: bareModule, part: part as LoraPart };
  const magnitude = MAGNITUDE.exec(key)?.[1];
  return magnitude === undefined ? undefined : { module: magnitude, part: "magnitude" };
}
