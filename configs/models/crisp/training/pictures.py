"""Drawn pictures for the upscaler: crayon's, at several sizes, and the same made smaller by 2 and by 4.

The scenes come from the recipe beside this one (`../../crayon/training`), which also says what is held out: training draws
no (colour, thing, background) combination whose CRC-32 is a multiple of 12, the measurement draws nothing else.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "crayon" / "training"))

from captions import POSITIONS, Group, Spec, held_out, layout, sample_spec, visible  # noqa: E402
from draw import COLOURS, KINDS, SCENES, STYLES, draw  # noqa: E402

FILTERS = (Image.BICUBIC, Image.LANCZOS)


def training_picture(rng):
    """A picture of 256x256: a whole one, a quarter of one of 512x512, or four of 128x128 side by side."""

    def scene():
        return layout(sample_spec(rng), rng)

    form = rng.integers(3)
    if form == 0:
        return draw(scene(), 256, 256, rng)
    if form == 1:
        y, x = rng.integers(2, size=2) * 256
        return draw(scene(), 512, 512, rng)[y : y + 256, x : x + 256]
    rows = [np.concatenate([draw(scene(), 128, 128, rng) for _ in range(2)], 1) for _ in range(2)]
    return np.concatenate(rows, 0)


def held_out_pictures(count, size, seed):
    """`count` pictures of held-out scenes, every style in turn."""
    rng = np.random.default_rng(seed)
    combinations = [
        (colour, kind, background)
        for colour in COLOURS
        for kind in KINDS
        for background in (*COLOURS, *SCENES)
        if held_out(colour, kind, background) and visible(colour, background)
    ]
    pictures = []
    for index, choice in enumerate(rng.choice(len(combinations), count, replace=False)):
        colour, kind, background = combinations[choice]
        position = list(POSITIONS)[int(rng.integers(len(POSITIONS)))]
        spec = Spec([Group(kind, colour)], background, position, STYLES[index % len(STYLES)])
        pictures.append(draw(layout(spec, rng), size, size, rng))
    return pictures


def smaller(picture, factor, filter_, softness=0.0):
    """The picture made smaller by an integer factor with an antialiased filter, rounded to eight bits.

    softness: deviation of a Gaussian blur before that, in pixels of the smaller picture.
    """
    height, width, _ = picture.shape
    image = Image.fromarray(picture)
    if softness > 0:
        image = image.filter(ImageFilter.GaussianBlur(softness * factor))
    return np.asarray(image.resize((width // factor, height // factor), filter_))
