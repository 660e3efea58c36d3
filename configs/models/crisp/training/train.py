"""Trains the upscaler: L1 distance to the drawn picture, enlarged twofold once and, every third step, twice in a row.

Muon (crayon's `optimizer.py`) for the inner convolutions, Adam for the ends; rates fall along a cosine. What is written is a
running average of the weights, in half precision. A share of the pictures can be blurred before they are made smaller: what diffusion
models draw is softer than what is drawn with antialiased edges.
"""

import argparse
import csv
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from network import Compact, start
from pictures import FILTERS, smaller, training_picture

from optimizer import MuonAdam  # of crayon; pictures.py knows where


def turn(picture, code):
    """One of the eight ways to turn and mirror a square."""
    picture = np.rot90(picture, code % 4)
    return picture[:, ::-1] if code >= 4 else picture


def batch_of(pictures, small, factor, batch, side, rng):
    """`batch` crops: what the network sees, side x side, and what it shall say; float, [n, 3, h, w], 0..1."""
    inputs, targets = [], []
    for index in rng.integers(len(pictures), size=batch):
        limit = 256 // factor - side + 1
        y, x = rng.integers(limit, size=2)
        code = rng.integers(8)
        inputs.append(turn(small[index][y : y + side, x : x + side], code))
        target = pictures[index][y * factor : (y + side) * factor, x * factor : (x + side) * factor]
        targets.append(turn(target, code))
    return tuple(torch.from_numpy(np.stack(some)).permute(0, 3, 1, 2).float() / 255 for some in (inputs, targets))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--side", type=int, default=36, help="pixels of a crop before it is enlarged by 2; by 4, half as many")
    parser.add_argument("--pictures", type=int, default=1500)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--convolutions", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.01, help="of Muon; Adam's is a fifth")
    parser.add_argument("--init", type=Path, help="weights to go on from")
    parser.add_argument("--soft", type=float, default=0, help="share of pictures that are blurred before they are made smaller")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    began = time.time()
    pictures = [training_picture(rng) for _ in range(args.pictures)]
    filters = [FILTERS[int(rng.integers(len(FILTERS)))] for _ in pictures]
    softness = [rng.uniform(0.3, 1.2) if rng.random() < args.soft else 0 for _ in pictures]
    small = {
        factor: [smaller(picture, factor, *how) for picture, *how in zip(pictures, filters, softness)] for factor in (2, 4)
    }
    print(f"{time.time() - began:.0f}s for {len(pictures)} pictures", flush=True)

    network, average = (Compact(args.features, args.convolutions) for _ in range(2))
    start(network)
    if args.init:
        network.load_state_dict({name: tensor.float() for name, tensor in load_file(args.init).items()})
    average.load_state_dict(network.state_dict())
    optimizer = MuonAdam(network, muon_rate=args.rate, adam_rate=args.rate / 5, decay=0)
    ends = ("body.0.", f"body.{len(network.body) - 1}.")
    optimizer.inner = [inner and not name.startswith(ends) for inner, (name, _) in zip(optimizer.inner, network.named_parameters())]
    optimizer.second = [torch.zeros_like(p) for p in optimizer.params]

    def save():
        save_file({name: tensor.half() for name, tensor in average.state_dict().items()}, args.out / "model.safetensors")

    args.out.mkdir(parents=True, exist_ok=True)
    with open(args.out / "losses.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "seconds", "loss x2", "loss x4"])
        sums = {2: [], 4: []}
        for step in range(1, args.steps + 1):
            factor = 4 if step % 3 == 0 else 2
            inputs, targets = batch_of(pictures, small[factor], factor, args.batch, args.side * 2 // factor, rng)
            out = network(inputs)
            if factor == 4:
                out = network(out)
            loss = F.l1_loss(out, targets)
            network.zero_grad()
            loss.backward()
            warm = min(1, step / 50)
            factor_of_rates = warm * (0.5 + 0.5 * math.cos(math.pi * step / args.steps))
            for number, parameter in enumerate(optimizer.params):
                optimizer.update(number, parameter.grad, step, factor_of_rates)
            with torch.no_grad():
                share = min(0.995, step / (step + 10))
                for mean, value in zip(average.parameters(), network.parameters()):
                    mean.lerp_(value, 1 - share)
            sums[factor].append(loss.item())
            if step % 100 == 0:
                means = [sum(some) / len(some) for some in sums.values()]
                log.writerow([step, round(time.time() - began), *(f"{mean:.5f}" for mean in means)])
                file.flush()
                print(f"{step} {time.time() - began:.0f}s x2 {means[0]:.5f} x4 {means[1]:.5f}", flush=True)
                sums = {2: [], 4: []}
                save()
    save()


if __name__ == "__main__":
    main()
