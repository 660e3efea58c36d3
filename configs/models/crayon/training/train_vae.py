"""Trains the autoencoder (AutoencoderKL, 8x down, 4 latent channels) on crops of drawn pictures.

Loss: L1 + L2 + L1 of the finite differences (clean edges) + a light KL term. Writes an EMA of the weights in diffusers
layout, with `scaling_factor` = 1 / (measured standard deviation of the latents).
"""

import argparse
import csv
import math
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from captions import layout, sample_spec
from draw import draw
from optimizer import MuonAdam

CONFIG = dict(
    in_channels=3,
    out_channels=3,
    down_block_types=("DownEncoderBlock2D",) * 4,
    up_block_types=("UpDecoderBlock2D",) * 4,
    block_out_channels=(8, 24, 48, 64),
    layers_per_block=1,
    norm_num_groups=2,
    latent_channels=4,
    mid_block_add_attention=False,
    sample_size=256,
)


def draw_pictures(count, seed):
    """`count` pictures, uint8 [count, 256, 256, 3]; every second one holds four smaller ones (128x128) side by side."""
    rng = np.random.default_rng(seed)
    pictures = np.empty((count, 256, 256, 3), np.uint8)
    for index in range(count):
        if index % 2:
            pictures[index] = draw(layout(sample_spec(rng), rng), 256, 256, rng)
        else:
            for y in (0, 128):
                for x in (0, 128):
                    pictures[index, y : y + 128, x : x + 128] = draw(layout(sample_spec(rng), rng), 128, 128, rng)
    return pictures


def to_tensor(pictures, device):
    """uint8 [n, h, w, 3] to float [n, 3, h, w] in -1..1."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def crops(pictures, batch, size, rng):
    index = rng.integers(len(pictures), size=batch)
    corner = rng.integers(0, (256 - size) // 8 + 1, size=(batch, 2)) * 8
    return np.stack([pictures[i, y : y + size, x : x + size] for i, (y, x) in zip(index, corner)])


def gradient_loss(a, b):
    loss = 0
    for step in (1, 2):
        for dim in (2, 3):
            n = a.shape[dim] - step
            da = a.narrow(dim, step, n) - a.narrow(dim, 0, n)
            db = b.narrow(dim, step, n) - b.narrow(dim, 0, n)
            loss = loss + (da - db).abs().mean()
    return loss


@torch.no_grad()
def measure(vae, pictures, device):
    """PSNR (dB) of reconstructions from the posterior mean, and the standard deviation of the latents."""
    errors, latents = [], []
    for start in range(0, len(pictures), 8):
        x = to_tensor(pictures[start : start + 8], device).contiguous(memory_format=torch.channels_last)
        posterior = vae.encode(x).latent_dist
        errors.append(((vae.decode(posterior.mean).sample.clamp(-1, 1) - x) / 2).square().mean((1, 2, 3)))
        latents.append(posterior.sample())
    return (-10 * torch.log10(torch.cat(errors))).mean().item(), torch.cat(latents).std().item()


@torch.no_grad()
def whiten(vae, pictures, device):
    """Makes the latents uncorrelated with mean 0 and deviation 1, exactly, within the two 1x1 convolutions.

    With mean m and covariance C, latents become W (z - m), W = C^-1/2, and the decoder's side undoes it. Directions that
    training left unused (the KL term prefers a few good channels) become constant 0 instead of amplified noise. The
    posterior's spread is scaled by W's diagonal, which is all that a diagonal Gaussian can express.
    """
    means = torch.cat([vae.encode(to_tensor(pictures[i : i + 8], device)).latent_dist.mean for i in range(0, len(pictures), 8)])
    values = means.permute(1, 0, 2, 3).flatten(1).double()
    mean = values.mean(1)
    variances, axes = torch.linalg.eigh(torch.cov(values))
    used = variances > 0.05
    print("variances of the latents' main axes:", [round(v, 4) for v in variances.tolist()])
    whitening = axes @ torch.diag(torch.where(used, variances.rsqrt(), 0)) @ axes.T
    coloring = axes @ torch.diag(torch.where(used, variances.sqrt(), 0)) @ axes.T
    encode, decode = vae.quant_conv, vae.post_quant_conv
    w, b = encode.weight[..., 0, 0].double(), encode.bias.double()
    w[:4], b[:4] = whitening @ w[:4], whitening @ (b[:4] - mean)
    b[4:] += 2 * whitening.diagonal().abs().clamp(min=1e-4).log()
    encode.weight.copy_(w[..., None, None])
    encode.bias.copy_(b)
    w, b = decode.weight[..., 0, 0].double(), decode.bias.double()
    decode.bias.copy_(b + w @ mean)
    decode.weight.copy_((w @ coloring)[..., None, None])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--crop", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--kl", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--init", type=Path, help="continue from this autoencoder")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    pictures, probe = draw_pictures(args.pictures, args.seed), draw_pictures(24, args.seed + 1000)

    vae = AutoencoderKL.from_pretrained(args.init) if args.init else AutoencoderKL(**CONFIG)
    vae = vae.to(args.device, memory_format=torch.channels_last)
    average = AutoencoderKL(**CONFIG).to(args.device)
    average.load_state_dict(vae.state_dict())

    def forward(x):
        posterior = vae.encode(x).latent_dist
        latents = posterior.mean + posterior.std * torch.randn_like(posterior.mean)
        return vae.decode(latents).sample, posterior.mean, posterior.logvar

    run = torch.compile(forward) if args.compile else forward
    optimizer = MuonAdam(vae, muon_rate=args.rate, adam_rate=args.rate / 5)
    args.out.mkdir(parents=True, exist_ok=True)

    def save(seconds):
        psnr, deviation = measure(average, probe, args.device)
        average.register_to_config(scaling_factor=1.0)  # exact once whitened
        average.save_pretrained(args.out)
        print(f"{seconds:.0f}s psnr {psnr:.2f} dB, latent std {deviation:.3f}", flush=True)
        return psnr

    started = time.time()
    with open(args.out / "loss-vae.csv", "a", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "seconds", "l1", "kl", "psnr"])
        for step in range(1, args.steps + 1):
            x = to_tensor(crops(pictures, args.batch, args.crop, rng), args.device)
            x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast(args.device, torch.bfloat16):
                y, mean, logvar = run(x)
            y, mean, logvar = y.float(), mean.float(), logvar.float()
            l1 = (y - x).abs().mean()
            kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
            loss = l1 + 2 * (y - x).square().mean() + 0.25 * gradient_loss(y, x) + args.kl * kl
            vae.zero_grad(set_to_none=True)
            loss.backward()
            done = step / args.steps
            factor = min(1, done / 0.02) * 0.5 * (1 + math.cos(math.pi * done))
            for number, p in enumerate(optimizer.params):
                optimizer.update(number, p.grad, step, factor)
            with torch.no_grad():
                keep = min(0.998, step / (step + 20))
                for slow, fast in zip(average.parameters(), vae.parameters()):
                    slow.lerp_(fast, 1 - keep)
            if step % 50 == 0:
                seconds = time.time() - started
                psnr = save(seconds) if step % 1000 == 0 or step == args.steps else ""
                log.writerow([step, round(seconds), round(l1.item(), 5), round(kl.item(), 4), psnr])
                file.flush()
                print(step, f"{seconds:.0f}s l1 {l1.item():.4f} kl {kl.item():.3f}", flush=True)
    whiten(average, draw_pictures(200, args.seed + 2000), args.device)
    save(time.time() - started)


if __name__ == "__main__":
    main()
