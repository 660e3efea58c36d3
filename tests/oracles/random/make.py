"""Numbers of torch's CPU generator and of Python's random: `pip install torch numpy && python make.py` writes random.json.

`streams`: draws from one generator, one after the other; of each the values at `at`, so that long draws stay short here.
`seeds`: chains in which each seed is random.Random(previous).randrange(0, 2**32 - 1).
"""

import json
import pathlib
import platform
import random

import torch

# Lengths around the border of 16 between the two methods, ragged ends, and small draws that leave a spare for a later one.
DRAWS = {
    0: [16, 17, 31, 32, 1, 100],
    1: [1, 16, 1, 2, 3, 15, 40],
    42: [16384, 16384, 5, 9216],
    4294967295: [20, 4096, 7],
    2**32 + 99: [64],
    1592514025: [9216, 3, 3, 3],
}


def pick(count):
    return sorted({0, 1, count // 2, max(count - 17, 0), max(count - 16, 0), max(count - 9, 0), max(count - 2, 0), count - 1} & set(range(count)))


def stream(seed, counts):
    generator = torch.Generator().manual_seed(seed)
    draws = []
    for index, count in enumerate(counts):
        kind = "uniform" if index % 3 == 2 else "normal"
        values = torch.rand(count, generator=generator) if kind == "uniform" else torch.randn(count, generator=generator)
        at = pick(count)
        draws.append({"kind": kind, "count": count, "at": at, "values": [float(f"{values[i].item():.9g}") for i in at]})
    return {"seed": seed, "draws": draws}


def chain(seed, length=6):
    seeds = [seed]
    while len(seeds) < length:
        seeds.append(random.Random(seeds[-1]).randrange(0, 2**32 - 1))
    return seeds


content = {
    "versions": {"torch": torch.__version__.split("+")[0], "python": platform.python_version()},
    "streams": [stream(seed, counts) for seed, counts in DRAWS.items()],
    "seeds": [chain(seed) for seed in (0, 1, 42, 3357757885, 4294967294, 4294967295)],
}
(pathlib.Path(__file__).parent / "random.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
