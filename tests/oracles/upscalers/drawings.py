"""Draws `drawings.png`: four pictures of scenes that no training has seen, one of each style, 512x512 in all. Usage: python drawings.py"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "configs" / "models" / "crisp" / "training"))
from pictures import held_out_pictures  # noqa: E402

a, b, c, d = held_out_pictures(4, 256, 1)
Image.fromarray(np.block([[[a], [b]], [[c], [d]]])).save(HERE / "drawings.png", optimize=True)
