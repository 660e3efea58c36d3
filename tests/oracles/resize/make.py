"""Writes cases.json: small noise pictures resized by Pillow, across first and then down.

Usage: python make.py     (Pillow; 13 by itself begins with the direction that shrinks more, 9 always across, hence the two steps)
"""

import json
import random
from pathlib import Path

import PIL
from PIL import Image

FILTERS = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
SIZES = [((5, 4), (10, 8)), ((5, 4), (20, 16)), ((5, 4), (13, 7)), ((12, 9), (5, 4)), ((12, 9), (1, 1)), ((3, 7), (9, 2)), ((1, 1), (4, 3)), ((6, 6), (6, 12))]

random.seed(7)
cases = []
for (size, target) in SIZES:
    data = bytes(random.choice([0, 255, random.randrange(256)]) for _ in range(size[0] * size[1] * 3))
    for name, kernel in FILTERS.items():
        out = Image.frombytes("RGB", size, data).resize((target[0], size[1]), kernel).resize(target, kernel).tobytes()
        cases.append({"filter": name, "from": size, "rgb": list(data), "to": target, "resized": list(out)})

lines = ",\n".join(json.dumps(case) for case in cases)
Path(__file__).with_name("cases.json").write_text(f'{{"pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n')
