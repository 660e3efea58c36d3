"""Draws the training pictures: flat 2D scenes from signed distance functions, in plain numpy.

A picture is a background and a list of things. Every thing is a short list of layers, each a signed distance
function (negative inside) in the thing's own coordinates (x right, y down, both about -1..1) and a colour. Painting is
back to front; distances in pixels give antialiased edges for nothing. One 256x256 picture takes a few milliseconds.
"""

from dataclasses import dataclass, field

import numpy as np

COLOURS = {
    "red": (218, 38, 38),
    "orange": (246, 132, 24),
    "yellow": (250, 214, 44),
    "green": (48, 160, 64),
    "cyan": (52, 205, 212),
    "blue": (40, 84, 216),
    "purple": (128, 56, 176),
    "pink": (248, 138, 190),
    "brown": (124, 74, 40),
    "black": (26, 26, 30),
    "grey": (146, 148, 152),
    "white": (252, 252, 252),
}
SCENES = ("night", "sea", "meadow", "sunset")
STYLES = ("flat", "outlined", "watercolour", "pixel")
INK = np.array((22, 20, 26), np.float32)


@dataclass
class Thing:
    """One thing: what, in which colour, where (fractions of the picture) and how large (fraction of the short side)."""

    kind: str
    colour: str
    x: float
    y: float
    radius: float


@dataclass
class Scene:
    """All that a picture shows. `background` is a colour, a scene name, or "top>bottom" for a gradient."""

    background: str
    things: list[Thing] = field(default_factory=list)
    style: str = "flat"


def rgb(name):
    return np.array(COLOURS[name], np.float32)


def mix(a, b, share):
    """`a` with `share` of `b` in it."""
    return a * (1 - share) + b * share


# --- signed distances, in the thing's own coordinates -----------------------------------------------------------------


def disc(x, y, cx, cy, r):
    return np.sqrt((x - cx) ** 2 + (y - cy) ** 2) - r


def ellipse(x, y, cx, cy, a, b):
    return (np.sqrt(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2) - 1) * min(a, b)


def box(x, y, x0, y0, x1, y1):
    dx = np.abs(x - (x0 + x1) / 2) - (x1 - x0) / 2
    dy = np.abs(y - (y0 + y1) / 2) - (y1 - y0) / 2
    return np.maximum(dx, dy)


def polygon(x, y, points):
    """Exact distance to a simple polygon (Inigo Quilez, "2D distance functions")."""
    distance = np.full(x.shape, 1e9, np.float32)
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
        ex, ey = bx - ax, by - ay
        wx, wy = x - ax, y - ay
        t = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1)
        distance = np.minimum(distance, (wx - ex * t) ** 2 + (wy - ey * t) ** 2)
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (wx < ex * wy / ey)
    return np.where(inside, -1, 1) * np.sqrt(distance)


def fold(x, y, count):
    """Folds the plane into `count` equal sectors around the origin; returns (along, across) of the sector's axis."""
    sector = 2 * np.pi / count
    angle = np.arctan2(y, x)
    angle = angle - sector * np.round(angle / sector)
    radius = np.sqrt(x * x + y * y)
    return radius * np.cos(angle), radius * np.sin(angle)


STAR = [(r * np.sin(np.pi * k / 5), -r * np.cos(np.pi * k / 5) + 0.06) for k in range(10) for r in [1.0 if k % 2 == 0 else 0.44]]
WHITE, CREAM, BROWN, YELLOW = rgb("white"), np.array((250, 236, 200), np.float32), rgb("brown"), rgb("yellow")


def layers(kind, colour, x, y):
    """The layers [(distance, colour)] of a thing, back to front."""
    main = rgb(colour)
    dark = mix(main, INK, 0.4) if colour != "black" else np.array((80, 80, 88), np.float32)
    light = mix(main, WHITE, 0.55) if colour != "white" else np.array((205, 212, 222), np.float32)
    if kind == "circle":
        return [(disc(x, y, 0, 0, 0.92), main)]
    if kind == "square":
        return [(box(x, y, -0.84, -0.84, 0.84, 0.84), main)]
    if kind == "triangle":
        return [(polygon(x, y, [(0, -0.88), (0.98, 0.82), (-0.98, 0.82)]), main)]
    if kind == "diamond":
        return [(polygon(x, y, [(0, -1), (0.68, 0), (0, 1), (-0.68, 0)]), main)]
    if kind == "star":
        return [(polygon(x, y, STAR), main)]
    if kind == "heart":
        lobes = np.minimum(disc(x, y, -0.39, -0.28, 0.55), disc(x, y, 0.39, -0.28, 0.55))
        return [(np.minimum(lobes, polygon(x, y, [(0, 0.9), (0.78, 0.11), (0, -0.67), (-0.78, 0.11)])), main)]
    if kind == "ring":
        return [(np.abs(disc(x, y, 0, 0, 0.7)) - 0.24, main)]
    if kind == "cross":
        return [(np.minimum(box(x, y, -0.28, -0.9, 0.28, 0.9), box(x, y, -0.9, -0.28, 0.9, 0.28)), main)]
    if kind == "moon":
        return [(np.maximum(disc(x, y, -0.05, 0, 0.95), -disc(x, y, 0.4, -0.14, 0.76)), main)]
    if kind == "sun":
        along, across = fold(x, y, 8)
        return [(np.minimum(disc(x, y, 0, 0, 0.54), box(along, across, 0.67, -0.1, 1.0, 0.1)), main)]
    if kind == "cloud":
        puffs = np.minimum(disc(x, y, -0.56, 0.2, 0.4), disc(x, y, 0.58, 0.18, 0.42))
        puffs = np.minimum(puffs, disc(x, y, -0.05, -0.12, 0.54))
        return [(np.minimum(puffs, box(x, y, -0.56, 0.1, 0.58, 0.6)), main)]
    if kind == "tree":
        crown = np.minimum(disc(x, y, -0.36, -0.02, 0.44), disc(x, y, 0.36, -0.02, 0.44))
        crown = np.minimum(crown, disc(x, y, 0, -0.48, 0.5))
        trunk = BROWN if colour != "brown" else mix(BROWN, INK, 0.6)
        return [(box(x, y, -0.13, 0.2, 0.13, 0.98), trunk), (crown, main)]
    if kind == "house":
        return [
            (box(x, y, -0.68, -0.1, 0.68, 0.92), main),
            (polygon(x, y, [(0, -0.95), (0.95, -0.08), (-0.95, -0.08)]), dark),
            (box(x, y, -0.5, 0.12, -0.12, 0.5), CREAM),
            (box(x, y, 0.1, 0.25, 0.46, 0.92), dark),
        ]
    if kind == "mountain":
        snow = WHITE if colour != "white" else light
        return [
            (polygon(x, y, [(0.55, -0.2), (1.05, 0.8), (0.05, 0.8)]), dark),
            (polygon(x, y, [(-0.2, -0.88), (0.72, 0.8), (-1.05, 0.8)]), main),
            (polygon(x, y, [(-0.2, -0.88), (0.06, -0.4), (-0.1, -0.26), (-0.22, -0.4), (-0.36, -0.24), (-0.46, -0.4)]), snow),
        ]
    if kind == "flower":
        along, across = fold(x, y, 6)
        heart = YELLOW if colour not in ("yellow", "orange") else BROWN
        return [(disc(along, across, 0.58, 0, 0.37), main), (disc(x, y, 0, 0, 0.32), heart)]
    if kind == "fish":
        eye = WHITE if colour != "white" else light
        body = ellipse(x, y, -0.2, 0, 0.78, 0.5)
        return [
            (np.minimum(body, polygon(x, y, [(0.3, 0), (0.98, -0.52), (0.98, 0.52)])), main),
            (disc(x, y, -0.58, -0.12, 0.14), eye),
            (disc(x, y, -0.58, -0.12, 0.07), INK),
        ]
    if kind == "boat":
        return [
            (box(x, y, -0.05, -0.95, 0.05, 0.4), BROWN),
            (polygon(x, y, [(0.1, -0.85), (0.78, 0.2), (0.1, 0.2)]), light),
            (polygon(x, y, [(-0.1, -0.6), (-0.1, 0.2), (-0.62, 0.2)]), light),
            (polygon(x, y, [(-1, 0.34), (1, 0.34), (0.66, 0.86), (-0.66, 0.86)]), main),
        ]
    if kind == "mushroom":
        spot = WHITE if colour != "white" else light
        cap = np.maximum(ellipse(x, y, 0, 0.1, 0.96, 0.98), box(x, y, -1, -1, 1, 0.1))
        return [
            (box(x, y, -0.26, 0.0, 0.26, 0.92), CREAM),
            (cap, main),
            (disc(x, y, -0.45, -0.22, 0.15), spot),
            (disc(x, y, 0.06, -0.52, 0.17), spot),
            (disc(x, y, 0.5, -0.18, 0.14), spot),
        ]
    raise ValueError(f"no thing named {kind}")


KINDS = (
    "circle", "square", "triangle", "diamond", "star", "heart", "ring", "cross", "moon",
    "sun", "cloud", "tree", "house", "mountain", "flower", "fish", "boat", "mushroom",
)  # fmt: skip

# --- painting -----------------------------------------------------------------------------------------------------------


def _smooth_noise(size=512, cells=24, seed=7):
    """A tile of smooth noise, about -1..1, that repeats at its borders; watercolours take their wobble from it."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size, size), np.float32)
    for octave, weight in ((cells, 0.6), (cells * 2, 0.4)):
        grid = rng.uniform(-1, 1, (octave, octave))
        at = np.arange(size) * octave / size
        low, part = at.astype(int), at % 1
        part = part * part * (3 - 2 * part)
        rows = grid[low] * (1 - part)[:, None] + grid[(low + 1) % octave] * part[:, None]
        total += weight * (rows[:, low] * (1 - part) + rows[:, (low + 1) % octave] * part).astype(np.float32)
    return total


NOISE = _smooth_noise()


def noise_like(width, height, rng):
    """A random window of the noise tile, stretched so that its grain is the same share of the picture at any size."""
    step = 256 / min(width, height)
    columns = (np.arange(width) * step + rng.integers(512)).astype(int) % 512
    rows = (np.arange(height) * step + rng.integers(512)).astype(int) % 512
    return NOISE[rows[:, None], columns]


def paint_background(name, width, height, rng):
    """The background as float32 [height, width, 3], 0..255."""
    v = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
    unit = min(width, height)

    def ramp(*stops):
        at, values = [s[0] for s in stops], np.array([s[1] for s in stops], np.float32)
        column = np.stack([np.interp(v[:, 0], at, values[:, c]) for c in range(3)], -1)
        return np.repeat(column[:, None].astype(np.float32), width, 1)

    if ">" in name:
        top, bottom = name.split(">")
        return ramp((0.1, rgb(top)), (0.9, rgb(bottom)))
    if name == "night":
        picture = ramp((0, (10, 12, 48)), (1, (44, 40, 104)))
        for _ in range(14):
            _spot(
                picture,
                rng.uniform(0.03, 0.97) * width,
                rng.uniform(0.03, 0.97) * height,
                rng.uniform(0.009, 0.018) * unit,
                (255, 250, 205),
            )
        return picture
    if name == "sea":
        picture = ramp((0, (150, 210, 245)), (0.44, (205, 235, 250)), (0.4401, (60, 160, 205)), (1, (20, 104, 160)))
        u = (np.arange(width, dtype=np.float32) + 0.5)[None]
        for row in (0.56, 0.71, 0.86):
            crest = row * height + 0.012 * unit * np.sin(u / unit * 25 + rng.uniform(0, 6.28))
            share = np.clip(0.014 * unit - np.abs(v * height - crest) + 0.5, 0, 1)[..., None]
            picture = mix(picture, np.array((150, 215, 235), np.float32), share)
        return picture
    if name == "meadow":
        picture = ramp((0, (140, 205, 245)), (0.6, (210, 238, 252)), (0.6001, (150, 212, 84)), (1, (104, 180, 60)))
        for _ in range(8):
            _spot(picture, rng.uniform(0.03, 0.97) * width, rng.uniform(0.67, 0.97) * height, 0.014 * unit, (255, 250, 240))
        return picture
    if name == "sunset":
        return ramp(
            (0, (96, 56, 140)),
            (0.35, (214, 84, 110)),
            (0.6, (250, 150, 70)),
            (0.76, (255, 216, 110)),
            (0.7601, (84, 44, 92)),
            (1, (52, 28, 68)),
        )
    base = mix(rgb(name), WHITE, 0.12)
    return np.broadcast_to(base, (height, width, 3)).astype(np.float32)


def _spot(picture, x, y, r, colour):
    """A small antialiased disc, painted in place."""
    height, width, _ = picture.shape
    x0, x1 = max(int(x - r - 1), 0), min(int(x + r + 2), width)
    y0, y1 = max(int(y - r - 1), 0), min(int(y + r + 2), height)
    gx, gy = np.arange(x0, x1) + 0.5, (np.arange(y0, y1) + 0.5)[:, None]
    share = np.clip(r - np.sqrt((gx - x) ** 2 + (gy - y) ** 2) + 0.5, 0, 1)[..., None]
    picture[y0:y1, x0:x1] = mix(picture[y0:y1, x0:x1], np.array(colour, np.float32), share)


def paint_thing(picture, thing, style, rng):
    """Paints one thing in place, in the given style."""
    height, width, _ = picture.shape
    unit = min(width, height)
    r = thing.radius * unit
    cx, cy = thing.x * width, thing.y * height
    reach = 1.12 * r + 0.03 * unit
    x0, x1 = max(int(cx - reach), 0), min(int(cx + reach) + 1, width)
    y0, y1 = max(int(cy - reach), 0), min(int(cy + reach) + 1, height)
    x = ((np.arange(x0, x1, dtype=np.float32) + 0.5 - cx) / r)[None].repeat(y1 - y0, 0)
    y = ((np.arange(y0, y1, dtype=np.float32) + 0.5 - cy) / r)[:, None].repeat(x1 - x0, 1)
    patch = picture[y0:y1, x0:x1]
    ink = INK if thing.colour != "black" else WHITE
    line = 0.011 * unit
    wobble = noise_like(x1 - x0, y1 - y0, rng) if style == "watercolour" else None
    for distance, colour in layers(thing.kind, thing.colour, x, y):
        distance = distance * r
        if style == "outlined":
            patch = mix(patch, ink, np.clip(line - distance + 0.5, 0, 1)[..., None])
            distance = distance + line
        if style == "watercolour":
            distance = distance + wobble * 0.012 * unit
            rim = np.clip(1 + distance / (0.02 * unit), 0, 1)[..., None]
            tone = mix(colour, WHITE, 0.16) * (1 + 0.1 * wobble[..., None])
            colour = mix(tone, colour * 0.8, 0.55 * rim)
        cover = distance < 0 if style == "pixel" else np.clip(0.5 - distance, 0, 1)
        patch = mix(patch, colour, cover[..., None])
    picture[y0:y1, x0:x1] = patch


def draw(scene, width=256, height=256, rng=None):
    """Draws a scene; returns uint8 [height, width, 3]. `rng` only moves stars, waves and the paint's grain."""
    rng = rng or np.random.default_rng(0)
    if scene.style == "pixel":
        block = min(width, height) // 32
        width, height = width // block, height // block
    picture = paint_background(scene.background, width, height, rng)
    if not picture.flags.writeable:
        picture = picture.copy()
    if scene.style == "watercolour":
        picture = mix(picture, WHITE, 0.18) * (1 + 0.06 * noise_like(width, height, rng))[..., None]
    for thing in scene.things:
        paint_thing(picture, thing, scene.style, rng)
    picture = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    return picture.repeat(block, 0).repeat(block, 1) if scene.style == "pixel" else picture
