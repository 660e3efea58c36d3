import type { AutoencoderKLConfig, UNetConfig } from "../networks/config.js";

/**
 * Where the modules of the original Stable Diffusion code ("LDM") went in diffusers: LDM module → diffusers module, without the
 * network's prefix. An entry stands for everything below it unless a longer one fits better. Sources: CompVis/stable-diffusion
 * `openaimodel.py` and `model.py`, Stability-AI/stablediffusion, diffusers' UNet2DConditionModel and AutoencoderKL.
 */
export type ModuleMap = ReadonlyMap<string, string>;

/** Prefixes of the networks in a checkpoint. */
export const LDM_UNET = "model.diffusion_model.";
export const LDM_AUTOENCODER = "first_stage_model.";
export const LDM_CLIP = "cond_stage_model.transformer.";
export const LDM_OPEN_CLIP = "cond_stage_model.model.";

const RESNET: Readonly<Record<string, string>> = {
  "in_layers.0": "norm1",
  "in_layers.2": "conv1",
  "emb_layers.1": "time_emb_proj",
  "out_layers.0": "norm2",
  "out_layers.3": "conv2",
  skip_connection: "conv_shortcut",
};

/** The U-Net. LDM numbers its blocks through, diffusers groups them by level; what lies in a transformer has the same names in both. */
export function ldmUnetModules(config: UNetConfig): ModuleMap {
  const modules = new Map([
    ["time_embed.0", "time_embedding.linear_1"],
    ["time_embed.2", "time_embedding.linear_2"],
    ["input_blocks.0.0", "conv_in"],
    ["out.0", "conv_norm_out"],
    ["out.2", "conv_out"],
  ]);
  const addResnet = (ldm: string, diffusers: string) => {
    for (const [part, name] of Object.entries(RESNET)) modules.set(`${ldm}.${part}`, `${diffusers}.${name}`);
  };
  const last = config.blockOutChannels.length - 1;

  let block = 1;
  config.downBlocks.forEach((kind, level) => {
    for (let layer = 0; layer < config.layersPerBlock; layer++, block++) {
      addResnet(`input_blocks.${block}.0`, `down_blocks.${level}.resnets.${layer}`);
      if (kind === "CrossAttnDownBlock2D") modules.set(`input_blocks.${block}.1`, `down_blocks.${level}.attentions.${layer}`);
    }
    if (level < last) modules.set(`input_blocks.${block++}.0.op`, `down_blocks.${level}.downsamplers.0.conv`);
  });

  if (config.hasMidBlock) {
    addResnet("middle_block.0", "mid_block.resnets.0");
    modules.set("middle_block.1", "mid_block.attentions.0");
    addResnet("middle_block.2", "mid_block.resnets.1");
  }

  block = 0;
  config.upBlocks.forEach((kind, level) => {
    const hasAttention = kind === "CrossAttnUpBlock2D";
    for (let layer = 0; layer <= config.layersPerBlock; layer++, block++) {
      addResnet(`output_blocks.${block}.0`, `up_blocks.${level}.resnets.${layer}`);
      if (hasAttention) modules.set(`output_blocks.${block}.1`, `up_blocks.${level}.attentions.${layer}`);
    }
    // The upsampler is the last module of the level's last block.
    if (level < last) modules.set(`output_blocks.${block - 1}.${hasAttention ? 2 : 1}.conv`, `up_blocks.${level}.upsamplers.0.conv`);
  });
  return modules;
}

const AUTOENCODER_ATTENTION: Readonly<Record<string, string>> = {
  norm: "group_norm",
  q: "to_q",
  k: "to_k",
  v: "to_v",
  proj_out: "to_out.0",
};

/** The VAE. LDM counts the decoder's levels from the finest, diffusers in the order of execution. */
export function ldmAutoencoderModules(config: AutoencoderKLConfig): ModuleMap {
  const modules = new Map([
    ["quant_conv", "quant_conv"],
    ["post_quant_conv", "post_quant_conv"],
  ]);
  const addResnet = (ldm: string, diffusers: string) => {
    for (const name of ["norm1", "conv1", "norm2", "conv2"]) modules.set(`${ldm}.${name}`, `${diffusers}.${name}`);
    modules.set(`${ldm}.nin_shortcut`, `${diffusers}.conv_shortcut`);
  };
  const levels = config.blockOutChannels.length;
  for (const side of ["encoder", "decoder"]) {
    modules.set(`${side}.conv_in`, `${side}.conv_in`);
    modules.set(`${side}.norm_out`, `${side}.conv_norm_out`);
    modules.set(`${side}.conv_out`, `${side}.conv_out`);
    addResnet(`${side}.mid.block_1`, `${side}.mid_block.resnets.0`);
    addResnet(`${side}.mid.block_2`, `${side}.mid_block.resnets.1`);
    for (const [part, name] of config.midBlockAttention ? Object.entries(AUTOENCODER_ATTENTION) : []) {
      modules.set(`${side}.mid.attn_1.${part}`, `${side}.mid_block.attentions.0.${name}`);
    }
  }
  for (let level = 0; level < levels; level++) {
    for (let layer = 0; layer < config.layersPerBlock; layer++) {
      addResnet(`encoder.down.${level}.block.${layer}`, `encoder.down_blocks.${level}.resnets.${layer}`);
    }
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      addResnet(`decoder.up.${levels - 1 - level}.block.${layer}`, `decoder.up_blocks.${level}.resnets.${layer}`);
    }
    if (level === levels - 1) continue;
    modules.set(`encoder.down.${level}.downsample.conv`, `encoder.down_blocks.${level}.downsamplers.0.conv`);
    modules.set(`decoder.up.${levels - 1 - level}.upsample.conv`, `decoder.up_blocks.${level}.upsamplers.0.conv`);
  }
  return modules;
}

/** The diffusers key of an LDM key (without prefix), or undefined when the network has no such module. */
export function translateKey(key: string, modules: ModuleMap): string | undefined {
  for (let end = key.lastIndexOf("."); end > 0; end = key.lastIndexOf(".", end - 1)) {
    const module = modules.get(key.slice(0, end));
    if (module !== undefined) return module + key.slice(end);
  }
  return undefined;
}

const OPEN_CLIP_LAYER: Readonly<Record<string, string>> = {
  ln_1: "layer_norm1",
  ln_2: "layer_norm2",
  "mlp.c_fc": "mlp.fc1",
  "mlp.c_proj": "mlp.fc2",
  "attn.out_proj": "self_attn.out_proj",
};

const OPEN_CLIP_EDGE: Readonly<Record<string, string>> = {
  positional_embedding: "text_model.embeddings.position_embedding.weight",
  "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
  "ln_final.weight": "text_model.final_layer_norm.weight",
  "ln_final.bias": "text_model.final_layer_norm.bias",
};

/**
 * The transformers key or keys of an OpenCLIP key (without prefix): three for the fused query, key and value, in the order of their
 * rows; none for what Stable Diffusion does not use (projection, temperature, image tower).
 */
export function translateOpenClipKey(key: string): readonly string[] {
  if (Object.hasOwn(OPEN_CLIP_EDGE, key)) return [OPEN_CLIP_EDGE[key]!];
  const [, layer, part, parameter] = /^transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/.exec(key) ?? [];
  const target = `text_model.encoder.layers.${layer}`;
  if (part === "attn.in_proj") return ["q_proj", "k_proj", "v_proj"].map((name) => `${target}.self_attn.${name}.${parameter}`);
  return part !== undefined && Object.hasOwn(OPEN_CLIP_LAYER, part) ? [`${target}.${OPEN_CLIP_LAYER[part]}.${parameter}`] : [];
}

/** The OpenCLIP key behind a transformers key: what `translateOpenClipKey` translates, back. */
export function openClipName(key: string): string {
  const edge = Object.entries(OPEN_CLIP_EDGE).find(([, name]) => name === key)?.[0];
  if (edge !== undefined) return edge;
  const [, layer, part, parameter] = /^text_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(key) ?? [];
  const block = `transformer.resblocks.${layer}`;
  if (part !== undefined && /^self_attn\.[qkv]_proj$/.test(part)) return `${block}.attn.in_proj_${parameter}`;
  const name = Object.entries(OPEN_CLIP_LAYER).find(([, target]) => target === part)?.[0];
  return name === undefined ? key : `${block}.${name}.${parameter}`;
}
