"""Writes a random AutoencoderTiny of diffusers, only its decoder, and what it makes of latents.

Usage: python make.py     writes config.json, diffusion_pytorch_model.safetensors, cases.safetensors and versions.json
"""

import json
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

HERE = Path(__file__).parent
CHANNELS, BLOCKS = 8, (2, 1, 0, 1)

torch.manual_seed(5)
autoencoder = AutoencoderTiny(
    encoder_block_out_channels=(CHANNELS,) * 4, decoder_block_out_channels=(CHANNELS,) * 4, num_decoder_blocks=BLOCKS, scaling_factor=0.5
)
with torch.no_grad():
    for parameter in autoencoder.decoder.parameters():
        parameter.mul_(2)
cases = {}
for name, (height, width) in {"square": (8, 8), "wide": (3, 6)}.items():
    latents = 2 * torch.randn(1, 4, height, width)
    with torch.no_grad():
        # As diffusers' pipelines do: the factor first.
        pixels = autoencoder.decode(latents / autoencoder.config.scaling_factor).sample
    cases |= {f"{name}.latents": latents, f"{name}.pixels": pixels.contiguous()}
config = {key: value for key, value in autoencoder.config.items() if not key.startswith("_") or key == "_class_name"}
keep = ("act_fn", "decoder_block_out_channels", "latent_channels", "num_decoder_blocks", "out_channels", "scaling_factor", "upsample_fn", "upsampling_scaling_factor")
(HERE / "config.json").write_text(json.dumps({"_class_name": "AutoencoderTiny"} | {key: config[key] for key in keep}, indent=2) + "\n")
save_file({f"decoder.{name}": value.contiguous() for name, value in autoencoder.decoder.state_dict().items()}, HERE / "diffusion_pytorch_model.safetensors")
save_file(cases, HERE / "cases.safetensors")
(HERE / "versions.json").write_text(json.dumps({"diffusers": diffusers.__version__, "torch": torch.__version__}, indent=2) + "\n")
