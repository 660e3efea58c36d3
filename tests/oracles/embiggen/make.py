"""Writes what InvokeAI 2.3's Embiggen makes of tiles, with Pillow and numpy: the ramps of a tile and whole canvases.

Usage: python make.py     writes ramps.json, whole.png, some.png and versions.json

A ramp is a 256-pixel gradient resized to the overlap by Pillow's default filter and pasted into a white layer; a corner is a quarter of a radial
gradient. Where another tile follows at the right, the upper right corner gets a slanted gradient. Tile k of a canvas holds the levels
(7 x + 13 y + 31 channel + 53 k) mod 256; the canvas below a list of tiles is (x + y) mod 256 in all channels.
"""

import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

HERE = Path(__file__).parent
WIDTH, HEIGHT, ACROSS, DOWN = 32, 24, 8, 6


def corner():
    y, x = np.mgrid[0:256, 0:256]
    return Image.fromarray(np.round(255 - np.minimum(np.hypot(255 - x, 255 - y), 255)).astype(np.uint8))


def slanted():
    y, x = np.mgrid[0:256, 0:256]
    levels = np.round(np.maximum(0, x - (255 - y)) * (255 / np.maximum(1, y)))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).rotate(270)


def ramps(sides, trailing):
    """The layer of a tile that fades at `sides`, letters of "ltrb"."""
    layer = Image.new("L", (WIDTH, HEIGHT), 255)
    down = Image.linear_gradient("L").resize((WIDTH, DOWN))
    across = Image.linear_gradient("L").rotate(90).resize((ACROSS, HEIGHT))
    if "l" in sides:
        layer.paste(across, (0, 0))
    if "r" in sides:
        layer.paste(across.rotate(180), (WIDTH - ACROSS, 0))
    if "t" in sides:
        layer.paste(down, (0, 0))
    if "b" in sides:
        layer.paste(down.rotate(180), (0, HEIGHT - DOWN))
    places = {"lt": (0, (0, 0)), "tr": (270, (WIDTH - ACROSS, 0)), "rb": (180, (WIDTH - ACROSS, HEIGHT - DOWN)), "lb": (90, (0, HEIGHT - DOWN))}
    for pair, (angle, place) in places.items():
        if all(side in sides for side in pair):
            layer.paste(corner().rotate(angle).resize((ACROSS, DOWN)), place)
    if trailing:
        layer.paste(slanted().resize((ACROSS, DOWN)), (WIDTH - ACROSS, 0))
    return layer


def canvas(width, height, chosen=None):
    columns = -(-(width - WIDTH) // (WIDTH - ACROSS)) + 1
    rows = -(-(height - HEIGHT) // (HEIGHT - DOWN)) + 1
    y, x = np.mgrid[0:height, 0:width]
    below = np.repeat(((x + y) % 256)[..., None], 3, 2).astype(np.uint8)
    made = Image.new("RGBA", (width, height))
    if chosen:
        made.alpha_composite(Image.fromarray(below).convert("RGBA"))
    for k in range(rows * columns):
        if chosen and k not in chosen:
            continue
        row, column = divmod(k, columns)
        last_column, last_row = column == columns - 1, row == rows - 1
        left = width - WIDTH if last_column else column * (WIDTH - ACROSS)
        top = height - HEIGHT if last_row else row * (HEIGHT - DOWN)
        sides = ("l" if column else "") + ("t" if row else "")
        if chosen:
            sides += "" if last_column or k + 1 in chosen else "r"
            sides += "" if last_row or k + columns in chosen else "b"
        follows = not last_column and (not chosen or k + 1 in chosen)
        y, x, channel = np.mgrid[0:HEIGHT, 0:WIDTH, 0:3]
        tile = Image.fromarray(((7 * x + 13 * y + 31 * channel + 53 * k) % 256).astype(np.uint8))
        tile.putalpha(ramps(sides, "t" in sides and "b" not in sides and follows))
        made.alpha_composite(tile, (left, top))
    return made.convert("RGB")


def main():
    layers = []
    for number in range(16):
        sides = "".join(side for bit, side in enumerate("ltrb") if number >> bit & 1)
        layers.append({"sides": sides, "trailing": False, "levels": list(ramps(sides, False).tobytes())})
    for sides in ("t", "lt"):
        layers.append({"sides": sides, "trailing": True, "levels": list(ramps(sides, True).tobytes())})
    head = {"width": WIDTH, "height": HEIGHT, "across": ACROSS, "down": DOWN}
    lines = ",\n".join(json.dumps(layer, separators=(",", ":")) for layer in layers)
    (HERE / "ramps.json").write_text(json.dumps(head)[:-1] + f', "layers": [\n{lines}\n]}}\n')
    canvas(68, 52).save(HERE / "whole.png", optimize=True)
    canvas(68, 52, [0, 2, 3, 4, 8]).save(HERE / "some.png", optimize=True)
    versions = {"pillow": PIL.__version__, "numpy": np.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
