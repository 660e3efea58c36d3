"""Draws captioned scenes and stores them as latents: the training set of the U-Net."""

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from captions import caption, layout, sample_spec
from draw import draw


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--simple", type=float, default=0.2, help="share of single flat things beyond the usual mixture")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    rng = np.random.default_rng(args.seed)
    vae = AutoencoderKL.from_pretrained(args.vae).to(args.device, memory_format=torch.channels_last).eval()
    latents, texts, chunk = [], [], 32
    while len(texts) < args.count:
        pictures = []
        for _ in range(chunk):
            spec = sample_spec(rng, args.simple)
            pictures.append(draw(layout(spec, rng), args.width, args.height, rng))
            texts.append(caption(spec, rng))
        x = torch.from_numpy(np.stack(pictures)).to(args.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.no_grad(), torch.autocast(args.device, torch.bfloat16):
            mean = vae.encode(x.contiguous(memory_format=torch.channels_last)).latent_dist.mean
        latents.append((mean.float() * vae.config.scaling_factor).half().cpu().numpy())
        if len(texts) % 3200 == 0:
            print(len(texts), flush=True)
    partial = args.out.with_suffix(".partial.npz")
    np.savez(partial, latents=np.concatenate(latents), texts=np.array(texts))
    partial.rename(args.out)


if __name__ == "__main__":
    main()
