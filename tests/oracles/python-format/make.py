"""Writes cases.json: what Python's format() makes of values and specifications, null where it raises.

Usage: python make.py     (Python 3.10 or newer; no packages)
"""

import itertools
import json
import random
import sys
from pathlib import Path

FLOATS = [0.0, 1.0, 0.5, 1.5, 2.5, 0.125, 0.375, 7.5, 9.5, 9.8, 9.995, 10.0, 99.9, 100.0, 12345.678, 1e-05, 0.00012345, 1e16, 123456789.125,
          -0.5, -7.25, 5e-324, 1e300, -0.0, 0.1, 1 / 3]
INTS = [0, 1, 7, 50, 255, 4829112, 4294967295, -1, -50]
TEXTS = ["", "a red car", "ein Käfer", "猫と犬", "🙂🙂🙂"]
FLAGS = [True, False]
SPECIFICATIONS = ["", "d", "05d", "5d", "05", "010", "<10", ">10", "^10", "=10", "_>10", "0=8", "*^9", "+", "+d", " ", "-", "x", "X", "#x", "b", "o",
                  ",", ",d", "_d", "_x", ",.2f", "_b", "s", ".3", "0.200", ".2s", ">5.2", "f", ".0f", ".1f", ".2f", ".3f", "#.0f", "8.2f", "08.2f", "+.1f",
                  "e", ".0e", ".2e", ".3E", "g", ".1g", ".2g", ".3g", "#g", "#.3g", "G", ".1", ".2", ".4", ".17", "#.3", "%", ".0%", ".1%", "<8.1f", "y", "z.1f?", "5.", "1_0"]


def cases():
    values = [("float", v) for v in FLOATS] + [("int", v) for v in INTS] + [("text", v) for v in TEXTS] + [("flag", v) for v in FLAGS]
    for (kind, value), specification in itertools.product(values, SPECIFICATIONS):
        yield kind, value, specification
    random.seed(1)
    for _ in range(400):
        value = random.choice([random.uniform(0, 10), round(random.uniform(0, 30), 2), random.lognormvariate(0, 20)])
        yield "float", value, f".{random.randrange(0, 18)}{random.choice('fegEG%') if random.random() < 0.9 else ''}"


def formatted(value, specification):
    try:
        return format(value, specification)
    except (ValueError, TypeError):
        return None


rows = [[kind, value, specification, formatted(value, specification)] for kind, value, specification in cases()]
lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
text = f'{{"python": "{sys.version.split()[0]}", "cases": [\n{lines}\n]}}\n'
Path(__file__).with_name("cases.json").write_text(text, encoding="utf-8")
