"""Trains the small decoder (AutoencoderTiny's) that shows pictures while they are made, and writes preview_decoder/ into the model.

It learns to give what the autoencoder's own decoder gives for the same latents. Half of the batches are pictures of 256 pixels, half of 128. A
third of the latents are changed first (blended with others, blurred, noised), for that is what a picture looks like before it is finished.
Loss: L1 + L2 + L1 of the finite differences, as the autoencoder's. An average of the weights is kept and measured on scenes that were not drawn for
training, beside the linear map of latent_preview.json, whose colours are enlarged by bicubic interpolation.
"""

import argparse
import csv
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, AutoencoderTiny
from safetensors.torch import load_file, save_file

from captions import layout, sample_spec
from draw import draw
from optimizer import MuonAdam
from train_vae import gradient_loss, to_tensor

CHANNELS = 16
BLOCKS = (4, 3, 1, 0)


def tiny_decoder():
    autoencoder = AutoencoderTiny(
        encoder_block_out_channels=(CHANNELS,) * 4, decoder_block_out_channels=(CHANNELS,) * 4, num_decoder_blocks=BLOCKS
    )
    return autoencoder.decoder


def changed(latents, rng):
    """A third of them as they are on the way: mixed with others, smeared or noisy."""
    ways = rng.integers(9, size=len(latents))
    others = latents[rng.permutation(len(latents))]
    share = torch.from_numpy(rng.random(len(latents))).float()[:, None, None, None]
    padded = F.pad(latents, (1, 1, 1, 1), mode="replicate")
    blurred = F.avg_pool2d(padded, 3, 1)
    noise = torch.from_numpy(rng.normal(size=latents.shape)).float()
    versions = [latents.lerp(others, share), latents.lerp(blurred, share), latents + 0.4 * share * noise]
    for way, version in enumerate(versions):
        latents = torch.where(torch.from_numpy(ways == way)[:, None, None, None], version, latents)
    return latents


@torch.no_grad()
def pairs(vae, count, size, seed, rng=None):
    """Latents, float16 [count, 4, size/8, size/8], and what the autoencoder makes of them, uint8 [count, 3, size, size]."""
    drawing = np.random.default_rng(seed)
    latents, pictures = [], []
    while len(latents) * 16 < count:
        scenes = np.stack([draw(layout(sample_spec(drawing, 0.15), drawing), size, size, drawing) for _ in range(16)])
        part = vae.encode(to_tensor(scenes, "cpu")).latent_dist.mean
        part = (part if rng is None else changed(part, rng)).half()
        decoded = vae.decode(part.float()).sample.clamp(-1, 1)
        latents.append(part)
        pictures.append(((decoded + 1) * 127.5).round().byte())
    return torch.cat(latents)[:count], torch.cat(pictures)[:count]


def decibels(made, wanted):
    """Mean PSNR of pictures in -1..1."""
    errors = ((made.clamp(-1, 1) - wanted) / 2).square().mean((1, 2, 3))
    return (-10 * torch.log10(errors)).mean().item()


def linear(latents, matrix):
    weights, bias = torch.tensor(matrix["weights"]), torch.tensor(matrix["bias"])
    colours = torch.einsum("nchw,cr->nrhw", latents, weights) + bias[:, None, None]
    return F.interpolate(colours.clamp(-1, 1), scale_factor=8, mode="bicubic")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--pictures", type=int, default=3200, help="of 128 pixels; half as many of 256")
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=71)
    parser.add_argument("--init", type=Path, help="continue from these weights (.safetensors)")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    started = time.time()
    vae = AutoencoderKL.from_pretrained(args.model / "vae", torch_dtype=torch.float32).eval()
    small = pairs(vae, args.pictures, 128, args.seed + 1, rng)
    large = pairs(vae, args.pictures // 2, 256, args.seed + 2, rng)
    probe, wanted = pairs(vae, 64, 256, args.seed + 1000)
    wanted = wanted.float() / 127.5 - 1
    matrix = json.loads((args.model / "latent_preview.json").read_text())
    print(f"{time.time() - started:.0f}s linear map: {decibels(linear(probe.float(), matrix), wanted):.2f} dB", flush=True)

    decoder, average = tiny_decoder(), tiny_decoder()
    if args.init:
        stored = load_file(args.init)
        decoder.load_state_dict({name.removeprefix("decoder."): value.float() for name, value in stored.items()})
    average.load_state_dict(decoder.state_dict())
    optimizer = MuonAdam(decoder, muon_rate=args.rate, adam_rate=args.rate / 5)

    def save(step):
        with torch.no_grad():
            psnr = decibels(torch.cat([average(part.float()) for part in probe.split(8)]), wanted)
        folder = args.model / "preview_decoder"
        folder.mkdir(exist_ok=True)
        weights = {f"decoder.{name}": value.half().contiguous() for name, value in average.state_dict().items()}
        save_file(weights, folder / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
        config = dict(
            _class_name="AutoencoderTiny", act_fn="relu", decoder_block_out_channels=[CHANNELS] * 4, in_channels=3, latent_channels=4,
            num_decoder_blocks=BLOCKS, out_channels=3, scaling_factor=1.0, upsample_fn="nearest", upsampling_scaling_factor=2,
        )
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        print(f"{time.time() - started:.0f}s step {step}: {psnr:.2f} dB", flush=True)
        return round(psnr, 2)

    with open(args.log, "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "seconds", "loss", "psnr"])
        for step in range(1, args.steps + 1):
            latents, pictures = large if step % 2 else small
            index = torch.from_numpy(rng.integers(len(latents), size=4 if step % 2 else 16))
            x = pictures[index].float() / 127.5 - 1
            y = decoder(latents[index].float())
            loss = (y - x).abs().mean() + 2 * (y - x).square().mean() + 0.25 * gradient_loss(y, x)
            decoder.zero_grad(set_to_none=True)
            loss.backward()
            done = step / args.steps
            factor = min(1, done / 0.02) * 0.5 * (1 + math.cos(math.pi * done))
            for number, parameter in enumerate(optimizer.params):
                optimizer.update(number, parameter.grad, step, factor)
            with torch.no_grad():
                keep = min(0.998, step / (step + 20))
                for slow, fast in zip(average.parameters(), decoder.parameters()):
                    slow.lerp_(fast, 1 - keep)
            if step % 50 == 0:
                psnr = save(step) if step % 500 == 0 or step == args.steps else ""
                log.writerow([step, round(time.time() - started), round(loss.item(), 5), psnr])
                file.flush()


if __name__ == "__main__":
    main()
