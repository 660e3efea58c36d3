"""Writes the miniature checkpoints: the architectures of SD 1.x, SD 2.x and SD 1.x inpainting with a few thousand random weights.

Every miniature exists in the layouts that users have on disk:

    sd1/              diffusers folder, conventions of 2022 (fp32; `text_model.` keys with position_ids; VAE attention `query`, `proj_attn`)
    sd1-fp32.safetensors, sd1-fp16.safetensors, sd1-bf16.safetensors      the same weights, original (LDM) single-file layout
    sd1.yaml          side configuration of those files, in the style of LDM's v1-inference.yaml
    sd2/              diffusers folder, conventions of 2026 (fp16; U-Net sharded, with index; text encoder keys without `text_model.`)
    sd2-fp16.safetensors, sd2.yaml     the same weights in LDM layout; the text encoder has one more layer than the folder's
    sd1-inpainting-fp16.safetensors, sd1-inpainting.yaml     U-Net with nine input channels, LDM layout (no VAE, no text encoder)
    speck/            diffusers folder (fp32) with as few layers as an SD 1.x can have: for tests in which only the loading matters

LDM's group normalisation always has 32 groups and its files do not record another number; the miniatures have too few channels for
that, so the side configurations carry one key that LDM's do not know: `norm_num_groups`.

The key map below goes from diffusers' names to LDM's; its correctness is proved at the end, by converting every file back with
diffusers' own functions and comparing all tensors bit for bit.

Usage: python make.py        (writes beside itself; deterministic for one version of torch)
Versions used for the committed files: see versions.json.
"""

import json
import re
import shutil
from pathlib import Path

import diffusers
import safetensors
import torch
import transformers
from diffusers import AutoencoderKL, DDIMScheduler, PNDMScheduler, UNet2DConditionModel
from diffusers.loaders import single_file_utils as reference
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

HERE = Path(__file__).parent
GROUPS = 2

UNET_SD1 = dict(
    sample_size=8,
    in_channels=4,
    out_channels=4,
    block_out_channels=(4, 8, 12, 12),
    layers_per_block=2,
    down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    attention_head_dim=2,
    cross_attention_dim=16,
    norm_num_groups=GROUPS,
)
UNET_SD2 = UNET_SD1 | dict(attention_head_dim=(1, 2, 3, 3), use_linear_projection=True)
UNET_INPAINTING = UNET_SD1 | dict(in_channels=9)
VAE = dict(
    sample_size=64,
    down_block_types=("DownEncoderBlock2D",) * 4,
    up_block_types=("UpDecoderBlock2D",) * 4,
    block_out_channels=(4, 8, 12, 12),
    layers_per_block=2,
    latent_channels=4,
    norm_num_groups=GROUPS,
)
UNET_SPECK = UNET_SD1 | dict(
    block_out_channels=(4, 8), layers_per_block=1, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D")
)
VAE_SPECK = VAE | dict(layers_per_block=1)
TEXT = dict(hidden_size=16, intermediate_size=64, num_attention_heads=2, max_position_embeddings=77, projection_dim=16)
SCHEDULE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000)


# --- tokenizer -------------------------------------------------------------------------------------------------------------------

MERGED_WORDS = ["the", "red", "cat", "dog", "house", "tree", "blue", "sun", "on", "and"]


def byte_characters():
    """The printable character that CLIP's vocabulary uses for each of the 256 bytes, in the vocabulary's order (GPT-2's table)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def make_vocabulary():
    """A vocabulary of CLIP's form: bytes, bytes that end a word, the merges that spell MERGED_WORDS, start and end."""
    merges = []
    for word in MERGED_WORDS:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            if (pair := (pieces[0], pieces[1])) not in merges:
                merges.append(pair)
            pieces[:2] = ["".join(pair)]
    characters = byte_characters()
    tokens = [*characters, *(c + "</w>" for c in characters), *("".join(m) for m in merges), "<|startoftext|>", "<|endoftext|>"]
    return {token: index for index, token in enumerate(tokens)}, merges


def write_tokenizer(folder, vocabulary, merges, pad):
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    config = dict(bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>", pad_token=pad)
    write_json(folder / "tokenizer_config.json", config | dict(do_lower_case=True, model_max_length=77, tokenizer_class="CLIPTokenizer"))
    write_json(folder / "special_tokens_map.json", config)


# --- weights ---------------------------------------------------------------------------------------------------------------------


def randomise(model, seed):
    """Fresh weights that keep activations of order one, and biases and gains that a loader cannot lose unnoticed."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator)
        if "embedding.weight" in name or parameter.dim() < 2:
            one = name.endswith("weight") and parameter.dim() == 1  # the gain of a norm
            parameter.data = one + (0.5 if "embedding" in name and parameter.dim() > 1 else 0.2) * noise
        else:
            parameter.data = noise / parameter[0].numel() ** 0.5
    return model.eval()


def text_model(layers, activation, vocabulary, pad, seed):
    special = dict(bos_token_id=vocabulary["<|startoftext|>"], eos_token_id=vocabulary["<|endoftext|>"], pad_token_id=vocabulary[pad])
    config = CLIPTextConfig(vocab_size=len(vocabulary), num_hidden_layers=layers, hidden_act=activation, **TEXT, **special)
    return randomise(CLIPTextModel(config), seed)


# --- from diffusers' names to LDM's ----------------------------------------------------------------------------------------------

RESNET_TO_LDM = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_TO_LDM = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}
for level in range(4):
    for layer in range(2):
        UNET_TO_LDM[f"down_blocks.{level}.resnets.{layer}"] = f"input_blocks.{3 * level + layer + 1}.0"
        UNET_TO_LDM[f"down_blocks.{level}.attentions.{layer}"] = f"input_blocks.{3 * level + layer + 1}.1"
    UNET_TO_LDM[f"down_blocks.{level}.downsamplers.0.conv"] = f"input_blocks.{3 * level + 3}.0.op"
    for layer in range(3):
        UNET_TO_LDM[f"up_blocks.{level}.resnets.{layer}"] = f"output_blocks.{3 * level + layer}.0"
        UNET_TO_LDM[f"up_blocks.{level}.attentions.{layer}"] = f"output_blocks.{3 * level + layer}.1"
    # The coarsest level has no attention, so its upsampler is the block's second module instead of the third.
    UNET_TO_LDM[f"up_blocks.{level}.upsamplers.0.conv"] = f"output_blocks.{3 * level + 2}.{1 if level == 0 else 2}.conv"

VAE_TO_LDM = {}
for side in ("encoder", "decoder"):
    VAE_TO_LDM |= {f"{side}.{name}": f"{side}.{name}" for name in ("conv_in", "conv_out")}
    VAE_TO_LDM[f"{side}.conv_norm_out"] = f"{side}.norm_out"
    VAE_TO_LDM |= {f"{side}.mid_block.resnets.{i}": f"{side}.mid.block_{i + 1}" for i in range(2)}
    VAE_TO_LDM[f"{side}.mid_block.attentions.0"] = f"{side}.mid.attn_1"
for level in range(4):
    VAE_TO_LDM |= {f"encoder.down_blocks.{level}.resnets.{i}": f"encoder.down.{level}.block.{i}" for i in range(2)}
    VAE_TO_LDM[f"encoder.down_blocks.{level}.downsamplers.0.conv"] = f"encoder.down.{level}.downsample.conv"
    # LDM counts the decoder's levels from the finest, diffusers in the order of execution.
    VAE_TO_LDM |= {f"decoder.up_blocks.{level}.resnets.{i}": f"decoder.up.{3 - level}.block.{i}" for i in range(3)}
    VAE_TO_LDM[f"decoder.up_blocks.{level}.upsamplers.0.conv"] = f"decoder.up.{3 - level}.upsample.conv"
VAE_ATTENTION_TO_LDM = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
VAE_ATTENTION_TO_2022 = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

OPEN_CLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}
OPEN_CLIP = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
}


def unet_to_ldm(weights):
    renamed = {}
    for key, tensor in weights.items():
        module = max((m for m in UNET_TO_LDM if key.startswith(m + ".")), key=len)
        rest = key[len(module) + 1 :]
        for name, ldm_name in RESNET_TO_LDM.items() if ".resnets." in key else ():
            rest = re.sub(rf"^{name}\b", ldm_name, rest)
        renamed[f"model.diffusion_model.{UNET_TO_LDM[module]}.{rest}"] = tensor
    return renamed


def vae_to_ldm(weights):
    renamed = {}
    for key, tensor in weights.items():
        module = max((m for m in VAE_TO_LDM if key.startswith(m + ".")), key=len, default=None)
        if module is None:  # quant_conv, post_quant_conv
            renamed[f"first_stage_model.{key}"] = tensor
            continue
        rest = key[len(module) + 1 :].replace("conv_shortcut", "nin_shortcut")
        if ".attentions." in key:
            name, kind = rest.rsplit(".", 1)
            rest = f"{VAE_ATTENTION_TO_LDM[name]}.{kind}"
            if tensor.dim() == 2:  # LDM writes these projections as 1×1 convolutions
                tensor = tensor[:, :, None, None]
        renamed[f"first_stage_model.{VAE_TO_LDM[module]}.{rest}"] = tensor
    return renamed


def clip_to_ldm(weights):
    return {f"cond_stage_model.transformer.text_model.{key}": tensor for key, tensor in weights.items()}


def open_clip_to_ldm(weights):
    """CLIPTextModel ─► OpenCLIP: q, k, v are stored as one matrix."""
    renamed = {}
    for key, tensor in weights.items():
        if key in OPEN_CLIP:
            renamed[OPEN_CLIP[key]] = tensor
        elif match := re.fullmatch(r"encoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)", key):
            fused = torch.cat([weights[key.replace("q_proj", f"{p}_proj")] for p in "qkv"])
            renamed[f"transformer.resblocks.{match[1]}.attn.in_proj_{match[2]}"] = fused
        elif match := re.fullmatch(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)", key):
            if match[2] in OPEN_CLIP_LAYER:
                renamed[f"transformer.resblocks.{match[1]}.{OPEN_CLIP_LAYER[match[2]]}.{match[3]}"] = tensor
    width = TEXT["hidden_size"]
    renamed["text_projection"] = torch.randn(width, width, generator=torch.Generator().manual_seed(5))  # unused by Stable Diffusion
    renamed["logit_scale"] = torch.tensor(4.6)  # likewise
    return {f"cond_stage_model.model.{key}": tensor for key, tensor in renamed.items()}


def training_leftovers():
    """What published checkpoints carry besides the three networks: LDM's schedule buffers."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return {"betas": betas.float(), "alphas_cumprod": torch.cumprod(1 - betas, 0).float()}


# --- files -----------------------------------------------------------------------------------------------------------------------


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def cast(weights, dtype):
    return {key: (t.to(dtype) if t.is_floating_point() else t).contiguous() for key, t in weights.items()}


def write_weights(path, weights):
    save_file({key: tensor.contiguous() for key, tensor in weights.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_shards(folder, weights, count):
    """diffusers' sharded layout: numbered files and an index from key to file."""
    base, index = "diffusion_pytorch_model", {"metadata": {}, "weight_map": {}}
    keys = sorted(weights)
    for number in range(count):
        name = f"{base}-{number + 1:05}-of-{count:05}.safetensors"
        part = {key: weights[key] for key in keys[number * len(keys) // count : (number + 1) * len(keys) // count]}
        write_weights(folder / name, part)
        index["weight_map"] |= dict.fromkeys(part, name)
    index["metadata"]["total_size"] = sum(t.numel() * t.element_size() for t in weights.values())
    write_json(folder / f"{base}.safetensors.index.json", index)


def write_folder(folder, *, unet, vae, text, schedule, vocabulary, merges, pad, conventions, dtype):
    shutil.rmtree(folder, ignore_errors=True)
    write_tokenizer(folder / "tokenizer", vocabulary, merges, pad)
    for name, model in {"unet": unet, "vae": vae, "text_encoder": text, "scheduler": schedule}.items():
        (folder / name).mkdir()
        if name == "text_encoder":
            config = model.config.to_dict() | dict(architectures=["CLIPTextModel"])
            write_json(folder / name / "config.json", config)
        else:
            model.save_config(folder / name)
    weights = cast(text.state_dict(), dtype)
    if conventions == 2022:
        weights = {f"text_model.{key}": tensor for key, tensor in weights.items()}
        weights["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    write_weights(folder / "text_encoder" / "model.safetensors", weights)
    weights = cast(vae.state_dict(), dtype)
    if conventions == 2022:
        for name, old in VAE_ATTENTION_TO_2022.items():
            weights = {key.replace(f"attentions.0.{name}.", f"attentions.0.{old}."): t for key, t in weights.items()}
    write_weights(folder / "vae" / "diffusion_pytorch_model.safetensors", weights)
    weights = cast(unet.state_dict(), dtype)
    if conventions == 2022:
        write_weights(folder / "unet" / "diffusion_pytorch_model.safetensors", weights)
    else:
        write_shards(folder / "unet", weights, 2)
    pipeline = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": diffusers.__version__}
    parts = dict(
        scheduler=["diffusers", type(schedule).__name__],
        text_encoder=["transformers", "CLIPTextModel"],
        tokenizer=["transformers", "CLIPTokenizer"],
        unet=["diffusers", "UNet2DConditionModel"],
        vae=["diffusers", "AutoencoderKL"],
        safety_checker=[None, None],
        feature_extractor=[None, None],
    )
    write_json(folder / "model_index.json", pipeline | parts | {"requires_safety_checker": False})


YAML = """\
# Side configuration of a miniature, after LDM's {style}. `norm_num_groups` is not LDM's: there it is always 32.
model:
  base_learning_rate: 1.0e-04
  target: ldm.models.diffusion.ddpm.{target}
  params:
{parameterization}    linear_start: 0.00085
    linear_end: 0.0120
    num_timesteps_cond: 1
    timesteps: 1000
    first_stage_key: jpg
    cond_stage_key: txt
    image_size: 8
    channels: 4
    cond_stage_trainable: false
    conditioning_key: {conditioning}
    scale_factor: 0.18215
    use_ema: False
    unet_config:
      target: ldm.modules.diffusionmodules.openaimodel.UNetModel
      params:
        image_size: 8
        in_channels: {in_channels}
        out_channels: 4
        model_channels: 4
        attention_resolutions: [4, 2, 1]
        num_res_blocks: 2
        channel_mult: [1, 2, 3, 3]
{heads}
        use_spatial_transformer: True
        transformer_depth: 1
        context_dim: 16
        norm_num_groups: {groups}
        use_checkpoint: False
        legacy: False
    first_stage_config:
      target: ldm.models.autoencoder.AutoencoderKL
      params:
        embed_dim: 4
        ddconfig:
          double_z: true
          z_channels: 4
          resolution: 64
          in_channels: 3
          out_ch: 3
          ch: 4
          ch_mult: [1, 2, 3, 3]
          num_res_blocks: 2
          attn_resolutions: []
          norm_num_groups: {groups}
          dropout: 0.0
    cond_stage_config:
{text}
"""
V1 = dict(
    heads="        num_heads: 2",
    parameterization="",
    text="      target: ldm.modules.encoders.modules.FrozenCLIPEmbedder\n      params:\n        heads: 2",
    groups=GROUPS,
)
V2 = dict(
    style="v2-inference-v.yaml",
    target="LatentDiffusion",
    conditioning="crossattn",
    in_channels=4,
    heads="        num_head_channels: 4\n        use_linear_in_transformer: True",
    parameterization='    parameterization: "v"\n',
    text="      target: ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder\n"
    '      params:\n        heads: 2\n        freeze: True\n        layer: "penultimate"',
    groups=GROUPS,
)


# --- proof -----------------------------------------------------------------------------------------------------------------------


def assert_same(converted, expected, what):
    ignored = {"embeddings.position_ids", "text_projection"}
    converted = {re.sub("^text_model\\.", "", key): t for key, t in converted.items()}
    converted = {key: t for key, t in converted.items() if key not in ignored and not key.startswith("text_projection")}
    expected = {key: t for key, t in expected.items() if key not in ignored}
    assert set(converted) == set(expected), f"{what}: {sorted(set(converted) ^ set(expected))[:8]}"
    for key, tensor in expected.items():
        assert torch.equal(converted[key].reshape(tensor.shape), tensor), f"{what}: {key}"
    print(f"{what}: {len(expected)} tensors came back through diffusers' own conversion")


def prove(file, dtype, *, unet=None, vae=None, clip=None, open_clip=None):
    checkpoint = load_file(file)
    if unet:
        config = dict(unet.config)
        assert_same(reference.convert_ldm_unet_checkpoint(dict(checkpoint), config), cast(unet.state_dict(), dtype), f"{file.name} U-Net")
    if vae:
        config = dict(vae.config)
        assert_same(reference.convert_ldm_vae_checkpoint(dict(checkpoint), config), cast(vae.state_dict(), dtype), f"{file.name} VAE")
    if clip:
        assert_same(reference.convert_ldm_clip_checkpoint(dict(checkpoint)), cast(clip.state_dict(), dtype), f"{file.name} CLIP")
    if open_clip:
        # diffusers drops the layer that Stable Diffusion 2 never runs, but only for the real size's name; here it stays.
        converted = reference.convert_open_clip_checkpoint(open_clip, dict(checkpoint))
        assert_same(converted, cast(open_clip.state_dict(), dtype), f"{file.name} OpenCLIP")


def main():
    vocabulary, merges = make_vocabulary()
    tokens = dict(vocabulary=vocabulary, merges=merges)

    unet = randomise(UNet2DConditionModel(**UNET_SD1), 1)
    vae = randomise(AutoencoderKL(**VAE), 2)
    text = text_model(3, "quick_gelu", vocabulary, "<|endoftext|>", 3)
    schedule = PNDMScheduler(**SCHEDULE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    parts = dict(unet=unet, vae=vae, text=text, schedule=schedule)
    write_folder(HERE / "sd1", **parts, **tokens, pad="<|endoftext|>", conventions=2022, dtype=torch.float32)
    ldm = unet_to_ldm(unet.state_dict()) | vae_to_ldm(vae.state_dict()) | clip_to_ldm(text.state_dict()) | training_leftovers()
    ldm["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    for name, dtype in {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}.items():
        file = HERE / f"sd1-{name}.safetensors"
        write_weights(file, cast(ldm, dtype))
        prove(file, dtype, unet=unet, vae=vae, clip=text)
    v1 = dict(style="v1-inference.yaml", target="LatentDiffusion", conditioning="crossattn", in_channels=4)
    (HERE / "sd1.yaml").write_text(YAML.format(**V1, **v1))

    unet = randomise(UNet2DConditionModel(**UNET_SD2), 11)
    vae = randomise(AutoencoderKL(**VAE), 12)
    text = text_model(4, "gelu", vocabulary, "!", 13)
    schedule = DDIMScheduler(**SCHEDULE, prediction_type="v_prediction", set_alpha_to_one=False, steps_offset=1, clip_sample=False)
    shorter = text_model(3, "gelu", vocabulary, "!", 13)
    shorter.load_state_dict({key: t for key, t in text.state_dict().items() if ".layers.3." not in key})
    parts = dict(unet=unet, vae=vae, text=shorter, schedule=schedule)
    write_folder(HERE / "sd2", **parts, **tokens, pad="!", conventions=2026, dtype=torch.float16)
    ldm = unet_to_ldm(unet.state_dict()) | vae_to_ldm(vae.state_dict()) | open_clip_to_ldm(text.state_dict()) | training_leftovers()
    file = HERE / "sd2-fp16.safetensors"
    write_weights(file, cast(ldm, torch.float16))
    prove(file, torch.float16, unet=unet, vae=vae, open_clip=text)
    (HERE / "sd2.yaml").write_text(YAML.format(**V2))

    unet = randomise(UNet2DConditionModel(**UNET_INPAINTING), 21)
    file = HERE / "sd1-inpainting-fp16.safetensors"
    write_weights(file, cast(unet_to_ldm(unet.state_dict()) | training_leftovers(), torch.float16))
    prove(file, torch.float16, unet=unet)
    inpainting = dict(style="v1-inpainting-inference.yaml", target="LatentInpaintDiffusion", conditioning="hybrid", in_channels=9)
    (HERE / "sd1-inpainting.yaml").write_text(YAML.format(**V1, **inpainting))

    parts = dict(unet=randomise(UNet2DConditionModel(**UNET_SPECK), 31), vae=randomise(AutoencoderKL(**VAE_SPECK), 32))
    parts |= dict(text=text_model(1, "quick_gelu", vocabulary, "<|endoftext|>", 33))
    parts |= dict(schedule=PNDMScheduler(**SCHEDULE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1))
    write_folder(HERE / "speck", **parts, **tokens, pad="<|endoftext|>", conventions=2026, dtype=torch.float32)

    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers, safetensors)}
    write_json(HERE / "versions.json", versions)
    size = sum(f.stat().st_size for f in HERE.rglob("*") if f.is_file())
    print(f"{sum(p.numel() for p in unet.parameters())} parameters in the U-Net; {size / 1e6:.2f} MB in all")


if __name__ == "__main__":
    main()
