"""Writes keys.json.gz: every tensor of Stable Diffusion 1.5 and 2.1 at full size, by name and shape, in both layouts, without weights.

Usage: python make.py     (torch, diffusers, transformers; nothing is downloaded, the models are built on the meta device)

The diffusers side is what the libraries build from the published config.json files (their values stand below). The single-file side is
made with the key map of ../miniatures/make.py and proved by converting it back with diffusers' own functions.
"""

import gzip
import importlib.util
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders import single_file_utils as reference
from transformers import CLIPTextConfig, CLIPTextModel

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("miniatures", HERE.parent / "miniatures" / "make.py")
miniatures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(miniatures)

UNET = dict(
    act_fn="silu",
    block_out_channels=[320, 640, 1280, 1280],
    center_input_sample=False,
    down_block_types=["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    downsample_padding=1,
    flip_sin_to_cos=True,
    freq_shift=0,
    in_channels=4,
    layers_per_block=2,
    mid_block_scale_factor=1,
    norm_eps=1e-05,
    norm_num_groups=32,
    out_channels=4,
    up_block_types=["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
)
VAE = dict(
    act_fn="silu",
    block_out_channels=[128, 256, 512, 512],
    down_block_types=["DownEncoderBlock2D"] * 4,
    in_channels=3,
    latent_channels=4,
    layers_per_block=2,
    norm_num_groups=32,
    out_channels=3,
    sample_size=512,
    up_block_types=["UpDecoderBlock2D"] * 4,
)
MODELS = {
    "sd1": dict(
        unet=UNET | dict(attention_head_dim=8, cross_attention_dim=768, sample_size=64),
        vae=VAE,
        text_encoder=dict(
            hidden_act="quick_gelu",
            hidden_size=768,
            intermediate_size=3072,
            layer_norm_eps=1e-05,
            max_position_embeddings=77,
            model_type="clip_text_model",
            num_attention_heads=12,
            num_hidden_layers=12,
            vocab_size=49408,
        ),
    ),
    "sd2": dict(
        unet=UNET | dict(attention_head_dim=[5, 10, 20, 20], cross_attention_dim=1024, sample_size=96, use_linear_projection=True),
        vae=VAE,
        text_encoder=dict(
            hidden_act="gelu",
            hidden_size=1024,
            intermediate_size=4096,
            layer_norm_eps=1e-05,
            max_position_embeddings=77,
            model_type="clip_text_model",
            num_attention_heads=16,
            num_hidden_layers=23,
            vocab_size=49408,
        ),
    ),
}


def shapes(weights):
    return {key: list(tensor.shape) for key, tensor in weights.items()}


def same(converted, weights, what):
    strip = lambda key: key.removeprefix("text_model.")
    converted = {strip(k): t for k, t in converted.items() if "position_ids" not in k and "text_projection" not in k}
    assert {k: t.numel() for k, t in converted.items()} == {strip(k): t.numel() for k, t in weights.items()}, what


def build(name, configs):
    with torch.device("meta"):
        unet = UNet2DConditionModel(**configs["unet"])
        vae = AutoencoderKL(**configs["vae"])
        text_config = dict(configs["text_encoder"])
        text = CLIPTextModel(CLIPTextConfig(**text_config)).state_dict()
        # The single file has the layer that Stable Diffusion 2 does not run.
        stored = CLIPTextModel(CLIPTextConfig(**text_config | dict(num_hidden_layers=24))) if name == "sd2" else None
        parts = dict(unet=unet.state_dict(), vae=vae.state_dict(), text_encoder=text)
        ldm = miniatures.unet_to_ldm(parts["unet"]) | miniatures.vae_to_ldm(parts["vae"])
        if stored is None:
            ldm |= miniatures.clip_to_ldm(text)
            same(reference.convert_ldm_clip_checkpoint(dict(ldm)), text, "CLIP")
            ldm["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.empty(1, 77)
        else:
            miniatures.TEXT["hidden_size"] = 1024  # of the unused projection
            for key, tensor in miniatures.open_clip_to_ldm(stored.state_dict()).items():
                ldm[key] = tensor
        same(reference.convert_ldm_unet_checkpoint(dict(ldm), dict(unet.config)), parts["unet"], "U-Net")
        same(reference.convert_ldm_vae_checkpoint(dict(ldm), dict(vae.config)), parts["vae"], "VAE")
    # What training left in the published files: the schedule, and a smoothed copy of the U-Net under names without dots.
    leftovers = {key: [1000] for key in ("betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "log_one_minus_alphas_cumprod")}
    ema = {"model_ema." + k.removeprefix("model.").replace(".", ""): list(t.shape) for k, t in ldm.items() if k.startswith("model.")}
    return dict(config=configs, diffusers={part: shapes(weights) for part, weights in parts.items()}, ldm=shapes(ldm) | ema | leftovers)


def main():
    models = {name: build(name, configs) for name, configs in MODELS.items()}
    for name, model in models.items():
        counts = {p: (len(k), sum(torch.Size(s).numel() for s in k.values())) for p, k in model["diffusers"].items()}
        print(name, counts, len(model["ldm"]))
    text = json.dumps(models, separators=(",", ":"))
    with gzip.GzipFile(HERE / "keys.json.gz", "wb", mtime=0) as file:
        file.write(text.encode())


main()
