"""Fits the linear map from latents to colours that shows pictures while they are made, and writes latent_preview.json into the model."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from captions import layout, sample_spec
from draw import draw


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()

    rng = np.random.default_rng(args.seed)
    vae = AutoencoderKL.from_pretrained(args.model / "vae", torch_dtype=torch.float32).eval()
    pictures = np.stack([draw(layout(sample_spec(rng, 0.1), rng), 256, 256, rng) for _ in range(args.count)])
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        latents = torch.cat([vae.encode(part).latent_dist.mean for part in x.split(8)]) * vae.config.scaling_factor
    colours = torch.nn.functional.avg_pool2d(x, 256 // latents.shape[-1])
    rows = lambda t: t.permute(0, 2, 3, 1).reshape(-1, t.shape[1]).double()
    inputs = torch.cat([rows(latents), torch.ones(latents[:, :1].numel(), 1, dtype=torch.double)], 1)
    # Ridge regression: a latent channel that the VAE hardly uses must not get a huge weight, it is noise while a picture is made.
    ridge = 0.01 * len(inputs) * torch.eye(5, dtype=torch.double)
    fit = torch.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ rows(colours))
    error = (inputs @ fit - rows(colours)).abs().mean().item() * 127.5
    print(f"mean error of a colour: {error:.1f} of 255")
    weights = [[round(value, 4) for value in row] for row in fit.tolist()]
    matrix = dict(weights=weights[:-1], bias=weights[-1])
    (args.model / "latent_preview.json").write_text(json.dumps(matrix, indent=2) + "\n")


if __name__ == "__main__":
    main()
