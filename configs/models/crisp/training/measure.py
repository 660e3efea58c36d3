"""Measures the upscaler on held-out drawn pictures: PSNR in dB beside Pillow's Lanczos, and the gain for each style.

A picture is made smaller with an antialiased filter, enlarged again and compared with itself. The PSNR of each picture counts
once (mean of dB); perfect pictures count as 60 dB.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from network import Compact
from pictures import STYLES, held_out_pictures, smaller


def open_network(file):
    weights = {name: tensor.float() for name, tensor in load_file(file).items()}
    numbers = {int(name.split(".")[1]) for name in weights}
    network = Compact(len(weights["body.0.bias"]), (max(numbers) - 2) // 2)
    network.load_state_dict(weights)
    return network.eval()


@torch.no_grad()
def enlarged(network, picture, factor):
    """uint8 [h, w, 3], enlarged by 2 or 4; rounded to eight bits after each pass, as the program does."""
    for _ in range(round(math.log2(factor))):
        x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
        picture = (network(x)[0].clamp(0, 1).permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    return picture


def decibels(a, b):
    error = np.square(a.astype(np.float64) - b).mean() / 255**2
    return min(60, -10 * math.log10(error)) if error > 0 else 60


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=64)
    args = parser.parse_args()
    torch.set_num_threads(1)
    network = open_network(args.model)
    print("| factor | made smaller with | picture | Lanczos | crisp | gain | " + " | ".join(STYLES) + " |\n" + "|---" * 10 + "|")
    for factor in (2, 4):
        for size in (256, 512):
            pictures = held_out_pictures(args.pictures, size, 1000 + size)
            for name, filter_ in (("bicubic", Image.BICUBIC), ("Lanczos", Image.LANCZOS)):
                ours, theirs = [], []
                for picture in pictures:
                    small = smaller(picture, factor, filter_)
                    ours.append(decibels(picture, enlarged(network, small, factor)))
                    theirs.append(decibels(picture, np.asarray(Image.fromarray(small).resize((size, size), Image.LANCZOS))))
                gain = np.mean(ours) - np.mean(theirs)
                gains = np.array(ours) - theirs
                by_style = " | ".join(f"{gains[index :: len(STYLES)].mean():+.2f}" for index in range(len(STYLES)))
                row = f"{np.mean(theirs):.2f} | {np.mean(ours):.2f} | {gain:+.2f} | {by_style}"
                print(f"| x{factor} | {name} | {size}x{size} | {row} |", flush=True)


if __name__ == "__main__":
    main()
