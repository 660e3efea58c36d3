import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { safetensorsBytes } from "./safetensors-bytes.js";

/** The configuration files of a small model in diffusers layout, by path below its folder. */
export const TINY_CONFIGS: Readonly<Record<string, Record<string, unknown>>> = {
  "model_index.json": {
    _class_name: "StableDiffusionPipeline",
    text_encoder: ["transformers", "CLIPTextModel"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  },
  "text_encoder/config.json": { model_type: "clip_text_model", hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4 },
  "unet/config.json": {
    _class_name: "UNet2DConditionModel",
    block_out_channels: [32, 64],
    down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D"],
    up_block_types: ["CrossAttnUpBlock2D", "UpBlock2D"],
    attention_head_dim: 4,
    cross_attention_dim: 32,
    sample_size: 32,
  },
  "vae/config.json": {
    _class_name: "AutoencoderKL",
    block_out_channels: [32, 32],
    down_block_types: ["DownEncoderBlock2D", "DownEncoderBlock2D"],
    up_block_types: ["UpDecoderBlock2D", "UpDecoderBlock2D"],
  },
  "scheduler/scheduler_config.json": {
    _class_name: "PNDMScheduler",
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: "scaled_linear",
    steps_offset: 1,
  },
};

/** Weight files of the small model: one tensor each, enough to tell the components apart. */
export const TINY_WEIGHTS = {
  "text_encoder/model.safetensors": safetensorsBytes({ "embeddings.token_embedding.weight": { dtype: "F16", shape: [10, 32] } }),
  "unet/diffusion_pytorch_model.safetensors": safetensorsBytes({ "conv_in.weight": { shape: [32, 4, 3, 3] } }),
  "vae/diffusion_pytorch_model.safetensors": safetensorsBytes({
    "decoder.mid_block.attentions.0.query.weight": { shape: [32, 32, 1, 1] },
    "decoder.mid_block.attentions.0.proj_attn.bias": { shape: [32] },
  }),
} as const;

/**
 * Writes the small model.
 * @param changes configurations merged over the files (null takes a file away)
 */
export async function writeTinyDiffusers(
  folder: string,
  changes: Readonly<Record<string, Record<string, unknown> | null>> = {},
  weights: Readonly<Record<string, Uint8Array>> = TINY_WEIGHTS,
): Promise<string> {
  for (const part of ["text_encoder", "unet", "vae", "scheduler"]) await mkdir(join(folder, part), { recursive: true });
  for (const [name, config] of Object.entries(TINY_CONFIGS)) {
    if (changes[name] !== null) await writeFile(join(folder, name), JSON.stringify({ ...config, ...changes[name] }));
  }
  for (const [name, bytes] of Object.entries(weights)) await writeFile(join(folder, name), bytes);
  return folder;
}
