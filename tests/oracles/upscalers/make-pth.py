"""The weights of some of this folder's upscalers as their authors publish them: by torch.save.

    compact-x2.pth         under "params"
    compact-x2-ema.pth     under "params_ema", with others under "params", which count for nothing
    rrdb-x4-2018.pth       bare, in the older file format

Usage: python make-pth.py
"""

from pathlib import Path

import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent


def main():
    compact = load_file(HERE / "compact-x2.safetensors")
    torch.save({"params": compact}, HERE / "compact-x2.pth")
    torch.save({"params": {"body.0.weight": torch.zeros(1)}, "params_ema": compact}, HERE / "compact-x2-ema.pth")
    old = load_file(HERE / "rrdb-x4-2018.safetensors")
    torch.save(old, HERE / "rrdb-x4-2018.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
