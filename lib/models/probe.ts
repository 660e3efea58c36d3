import { LDM_AUTOENCODER, LDM_CLIP, LDM_OPEN_CLIP, LDM_UNET } from "../checkpoints/ldm-key-map.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { describeKey } from "../checkpoints/weight-source.js";
import { DreamError, type ErrorCode } from "../errors.js";

/** What a single-file Stable Diffusion checkpoint holds beside its U-Net. */
export interface CheckpointParts {
  /** CLIP in SD 1.x, OpenCLIP in SD 2.x, undefined when the file has no text encoder. */
  readonly textEncoder?: "clip" | "open-clip";
  readonly hasAutoencoder: boolean;
}

/** A kind of file that is not a model we run, and how to recognise it. */
interface Foreign {
  readonly what: string;
  readonly code: ErrorCode;
  /** True when one key of the file matches. */
  readonly key: RegExp;
  /** Unless another matches. */
  readonly without?: RegExp;
}

const UNET = /^model\.diffusion_model\.input_blocks\.0\.0\.weight$/;

/** First match wins: the special ones stand before those whose keys they contain. */
const FOREIGN: readonly Foreign[] = [
  {
    what: "an SDXL checkpoint, which is not supported yet",
    code: "model/unsupported",
    key: /^conditioner\.embedders\.|^model\.diffusion_model\.label_emb\./,
  },
  { what: "an SD3 checkpoint, which is not supported yet", code: "model/unsupported", key: /^(model\.diffusion_model\.)?joint_blocks\.\d/ },
  {
    what: "a Flux checkpoint, which is not supported yet",
    code: "model/unsupported",
    key: /^(model\.diffusion_model\.)?double_blocks\.\d/,
  },
  {
    what: "a video model, which is not supported",
    code: "model/unsupported",
    key: /^model\.diffusion_model\..*(time_stack|temporal|motion_modules)/,
  },
  {
    what: "a LoRA, not a model",
    code: "model/not-a-model",
    key: /^lora_(unet|te\d?)_|\.(lora_(up|down|A|B)|lora_linear_layer\.(up|down)|lora\.(up|down)|hada_w1_a|lokr_w1)(\.|$)|_lora\.(up|down)\./,
  },
  {
    what: "a ControlNet, not a model",
    code: "model/not-a-model",
    key: /^(control_model\.|controlnet_(cond_embedding|down_blocks|mid_block)\.|input_hint_block\.|zero_convs\.)/,
  },
  {
    what: "an IP-Adapter, not a model",
    code: "model/not-a-model",
    key: /^(ip_adapter|image_proj)\./,
  },
  {
    what: "an upscaler, not a model",
    code: "model/not-a-model",
    key: /^((params(_ema)?\.)?(body\.\d+\.rdb1\.|conv_first\.weight)|model\.\d+\.sub\.\d+\.RDB1\.|layers\.0\.residual_group\.)/,
  },
  {
    what: "a VAE alone, not a whole model",
    code: "model/not-a-model",
    key: /^(first_stage_model\.)?decoder\.(conv_in|mid|mid_block|up|up_blocks)\./,
    without: UNET,
  },
  {
    what: "the SDXL U-Net of a diffusers folder, which is not supported yet",
    code: "model/unsupported",
    key: /^add_embedding\.linear_1\./,
  },
  {
    what: "the U-Net of a diffusers folder, not a whole model (give the folder)",
    code: "model/not-a-model",
    key: /^down_blocks\.\d+\.resnets\./,
  },
  {
    what: "a text encoder, not a whole model",
    code: "model/not-a-model",
    key: /^(text_model\.)?(encoder\.layers\.0\.self_attn\.|embeddings\.token_embedding\.)|^(model\.)?transformer\.resblocks\.|^cond_stage_model\./,
    without: UNET,
  },
  {
    what: "a textual-inversion embedding, not a model",
    code: "model/not-a-model",
    key: /^(emb_params|string_to_param\.?.*|clip_[lg]|<[^>]{1,100}>)$/,
  },
];

/**
 * Finds out whether a file is a checkpoint in the layout of the original Stable Diffusion and what it holds.
 * @throws DreamError model/unsupported for other generations of models, model/not-a-model for everything else, saying what it is
 */
export function probeCheckpoint(file: WeightSource): CheckpointParts {
  const keys = [...file.keys()];
  const has = (pattern: RegExp) => keys.some((key) => pattern.test(key));
  const foreign = FOREIGN.find(({ key, without }) => has(key) && !(without && has(without)));
  if (foreign !== undefined) throw new DreamError(foreign.code, `${file.origin} is ${foreign.what}`);
  if (!has(UNET)) {
    // diffusers' embeddings have one tensor, under whatever word triggers it.
    const [only] = keys.length === 1 ? keys.map((key) => file.get(key)?.shape ?? []) : [];
    const embedding = only !== undefined && (only.length === 1 || only.length === 2) && [768, 1024].includes(only.at(-1)!);
    const holds = keys[0] === undefined ? "it holds no tensors" : `its first tensor is ${JSON.stringify(keys[0].slice(0, 100))}`;
    const what = embedding ? "a textual-inversion embedding, not a model" : `not a Stable Diffusion model: ${holds}`;
    throw new DreamError("model/not-a-model", `${file.origin} is ${what}`);
  }
  const startsWith = (prefix: string) => keys.some((key) => key.startsWith(prefix));
  return {
    ...(startsWith(LDM_CLIP) ? { textEncoder: "clip" } : startsWith(LDM_OPEN_CLIP) ? { textEncoder: "open-clip" } : {}),
    hasAutoencoder: startsWith(LDM_AUTOENCODER),
  };
}

/** Reads shapes of a checkpoint by key; what a network needs to know about itself. */
export class ShapeProbe {
  readonly #file: WeightSource;
  readonly #prefix: string;

  constructor(file: WeightSource, prefix: string = LDM_UNET) {
    this.#file = file;
    this.#prefix = prefix;
  }

  has(key: string): boolean {
    return this.#file.get(this.#prefix + key) !== undefined;
  }

  /** Extent of one axis. @throws DreamError weights/missing-key, weights/shape */
  extent(key: string, axis: number): number {
    const ref = this.#file.get(this.#prefix + key);
    const name = describeKey(this.#file, this.#prefix + key);
    if (ref === undefined) throw new DreamError("weights/missing-key", `${this.#file.origin} has no tensor ${name}`);
    const extent = ref.shape[axis];
    if (extent === undefined || extent < 1) {
      throw new DreamError("weights/shape", `${this.#file.origin}: ${name} has the unexpected shape [${ref.shape.join(", ")}]`);
    }
    return extent;
  }

  /** Number of axes; 0 when the tensor is absent. */
  rank(key: string): number {
    return this.#file.get(this.#prefix + key)?.shape.length ?? 0;
  }

  /** True when any key starts with this: a part of the network is there, whatever of it is missing. */
  hasBelow(start: string): boolean {
    for (const key of this.#file.keys()) if (key.startsWith(this.#prefix + start)) return true;
    return false;
  }

  /** How many of the parts `make(0)`, `make(1)`, … are there in a row, whole or not. */
  count(make: (index: number) => string): number {
    let index = 0;
    while (this.hasBelow(make(index))) index++;
    return index;
  }
}
