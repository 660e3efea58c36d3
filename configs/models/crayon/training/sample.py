"""Makes pictures of prompts with diffusers, as a sheet to look at."""

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from PIL import Image

from export import load
from train_unet import SCHEDULE

SCHEDULERS = {
    "ddim": lambda: DDIMScheduler(**SCHEDULE, clip_sample=False, set_alpha_to_one=False, steps_offset=1),
    "dpmpp_2m": lambda: DPMSolverMultistepScheduler(**SCHEDULE),
    "dpmpp_2m_karras": lambda: DPMSolverMultistepScheduler(**SCHEDULE, use_karras_sigmas=True),
}


@torch.no_grad()
def generate(pipeline, prompts, seeds, sampler="ddim", steps=20, cfg=5.0, width=256, height=256, batch=24):
    """Pictures of `prompts`, uint8 [n, height, width, 3]; each picture's noise comes from its own seed."""
    pipeline.scheduler = SCHEDULERS[sampler]()
    pictures = []
    for start in range(0, len(prompts), batch):
        some = prompts[start : start + batch]
        generators = [torch.Generator().manual_seed(seed) for seed in seeds[start : start + batch]]
        noise = torch.stack([torch.randn(4, height // 8, width // 8, generator=g) for g in generators])
        made = pipeline(some, latents=noise, num_inference_steps=steps, guidance_scale=cfg, width=width, height=height, output_type="np")
        pictures.append((made.images * 255).round().astype(np.uint8))
    return np.concatenate(pictures)


def sheet(pictures, columns):
    rows = [np.concatenate(list(pictures[i : i + columns]), 1) for i in range(0, len(pictures), columns)]
    return Image.fromarray(np.concatenate(rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--prompts", type=Path, required=True, help="one a line; anything after ' -S ' is the seed")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sampler", choices=SCHEDULERS, default="dpmpp_2m")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    lines = [line.strip().split(" -S ") for line in args.prompts.read_text().splitlines() if line.strip()]
    prompts = [line[0].strip('"') for line in lines]
    seeds = [int(line[1]) if len(line) > 1 else number for number, line in enumerate(lines)]
    pipeline = load(args.run, args.tokenizer, args.vae)
    pictures = generate(pipeline, prompts, seeds, args.sampler, args.steps, args.cfg, args.size, args.size)
    sheet(pictures, args.columns).save(args.out)


if __name__ == "__main__":
    main()
