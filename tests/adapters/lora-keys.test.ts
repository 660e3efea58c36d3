import { expect, test } from "@jest/globals";
import { parseLoraKey } from "../../lib/adapters/lora-keys.js";

const DOWN_BLOCK = "down_blocks_0_attentions_0_transformer_blocks_0_attn1";

test.each([
  [`lora_unet_${DOWN_BLOCK}_to_q.lora_down.weight`, "unet", `${DOWN_BLOCK}_to_q`, "down"],
  ["lora_unet_input_blocks_1_1_proj_in.lora_up.weight", "unet", "input_blocks_1_1_proj_in", "up"],
  ["lora_unet.mid_block.attentions.0.proj_in.lora_up.weight", "unet", "mid_block_attentions_0_proj_in", "up"],
  ["lora_unet_conv_in.lora_mid.weight", "unet", "conv_in", "mid"],
  ["lora_te_text_model_encoder_layers_0_mlp_fc1.alpha", "textEncoder", "text_model_encoder_layers_0_mlp_fc1", "alpha"],
  ["lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha", "textEncoder", "text_model_encoder_layers_0_mlp_fc1", "alpha"],
  ["lycoris_unet_conv_in.hada_w1_a", "unet", "conv_in", "hada_w1_a"],
  ["lora_unet_conv_in.hada_t2", "unet", "conv_in", "hada_t2"],
  ["lora_unet_conv_in.lokr_w1", "unet", "conv_in", "lokr_w1"],
  ["lora_unet_conv_in.lokr_w2_b", "unet", "conv_in", "lokr_w2_b"],
  ["lora_unet_conv_in.lokr_t2", "unet", "conv_in", "lokr_t2"],
  ["lora_unet_conv_in.dora_scale", "unet", "conv_in", "magnitude"],
  ["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora.up.weight", "unet", `${DOWN_BLOCK}_to_q`, "up"],
  ["unet.mid_block.attentions.0.proj_in.lora_A.weight", "unet", "mid_block_attentions_0_proj_in", "down"],
  ["unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out_lora.up.weight", "unet", `${DOWN_BLOCK}_to_out_0`, "up"],
  ["down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_k_lora.down.weight", "unet", `${DOWN_BLOCK}_to_k`, "down"],
  [
    "text_encoder.text_model.encoder.layers.1.self_attn.q_proj.lora_linear_layer.down.weight",
    "textEncoder",
    "text_model_encoder_layers_1_self_attn_q_proj",
    "down",
  ],
  [
    "text_encoder.text_model.encoder.layers.1.self_attn.to_out_lora.up.weight",
    "textEncoder",
    "text_model_encoder_layers_1_self_attn_out_proj",
    "up",
  ],
  ["base_model.model.mid_block.attentions.0.proj_in.lora_B.default.weight", "unet", "mid_block_attentions_0_proj_in", "up"],
  ["base_model.model.conv_in.lora_magnitude_vector", "unet", "conv_in", "magnitude"],
  ["base_model.model.text_model.encoder.layers.1.mlp.fc2.lora_A.weight", "textEncoder", "text_model_encoder_layers_1_mlp_fc2", "down"],
  ["base_model.model.encoder.layers.1.mlp.fc2.lora_A.weight", "textEncoder", "encoder_layers_1_mlp_fc2", "down"],
])("%s", (key, network, layer, part) => expect(parseLoraKey(key)).toMatchObject({ network, layer, part }));

test.each([
  "",
  "lora_up.weight",
  "model.diffusion_model.input_blocks.0.0.weight",
  "lora_unet_conv_in.diff",
  "lora_prior_conv_in.lora_up.weight",
  "lora_te2_text_model_encoder_layers_0_mlp_fc1.alpha",
  "string_to_param.*",
])("%j belongs to no LoRA of these models", (key) => expect(parseLoraKey(key)).toBeUndefined());
