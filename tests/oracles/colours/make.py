"""Colours of one small picture given to another by OpenCV and scikit-image, as InvokeAI 2.3.5 does: Lab in 8 bits, histograms matched channel
by channel, back to RGB.

    pip install numpy opencv-python-headless scikit-image && python make.py      writes colours.json

`lab` and `back`: every sixth colour of a coarse cube to Lab, and those levels back again. `matched`: levels of two pictures, and the first
with the histograms of the second.
"""

import json
from pathlib import Path

import cv2
import numpy
import skimage
from skimage.exposure import match_histograms

generator = numpy.random.default_rng(11)
steps = numpy.array([0, 1, 10, 64, 100, 128, 200, 254, 255], numpy.uint8)
cube = numpy.stack(numpy.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)[:, ::6]
lab = cv2.cvtColor(cube, cv2.COLOR_RGB2LAB)


def picture(height, width, low, high):
    """Waves and noise in a range of levels for each channel."""
    y, x = numpy.mgrid[0:height, 0:width]
    waves = numpy.stack([numpy.sin(x / 3 + y / 5), numpy.cos(y / 2), numpy.sin(x * y / 20)], -1) / 2 + 0.5
    values = 0.8 * waves + 0.2 * generator.random(waves.shape)
    return (numpy.array(low) + values * (numpy.array(high) - numpy.array(low))).astype(numpy.uint8)


def flat(array):
    return array.reshape(-1).tolist()


cases = []
for source, reference in [
    (picture(12, 10, (0, 0, 0), (255, 255, 255)), picture(9, 7, (120, 30, 0), (250, 140, 60))),
    (picture(8, 8, (90, 90, 90), (130, 130, 130)), picture(16, 5, (0, 0, 0), (255, 255, 255))),
    (picture(6, 6, (10, 10, 10), (200, 90, 60)), numpy.full((3, 3, 3), (40, 90, 200), numpy.uint8)),
]:
    target = cv2.cvtColor(reference, cv2.COLOR_RGB2LAB)
    matched = match_histograms(cv2.cvtColor(source, cv2.COLOR_RGB2LAB), target, channel_axis=2)
    result = cv2.cvtColor(matched.astype(numpy.uint8), cv2.COLOR_LAB2RGB)
    shape = lambda a: {"width": a.shape[1], "height": a.shape[0], "rgb": flat(a)}  # noqa: E731
    cases.append({"source": shape(source), "reference": shape(reference), "matched": flat(result)})

content = {
    "versions": {"opencv": cv2.__version__, "scikit-image": skimage.__version__, "numpy": numpy.__version__},
    "lab": {"rgb": flat(cube), "lab": flat(lab), "back": flat(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))},
    "cases": cases,
}
(Path(__file__).parent / "colours.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
