"""Says what to draw and how to name it: samples a specification, lays it out as a scene, words it as a caption.

What a caption leaves out has one fixed meaning, so that it can be learned: no background is white (blue behind white
things), no position is the centre, no style is flat, no colour is the thing's natural one.

Held out: a (colour, thing, background) combination whose CRC-32 is a multiple of 12 is never drawn for training, alone or
among others; `evaluate.py` asks for exactly these.
"""

import zlib
from dataclasses import dataclass

from draw import COLOURS, KINDS, SCENES, STYLES, Scene, Thing

NATURAL = {
    "sun": "yellow", "moon": "yellow", "star": "yellow", "cloud": "white", "tree": "green", "house": "red", "mountain": "grey",
    "flower": "pink", "fish": "orange", "boat": "red", "heart": "red", "mushroom": "red", "circle": "blue", "square": "blue",
    "triangle": "green", "diamond": "cyan", "ring": "yellow", "cross": "red",
}  # fmt: skip
POSITIONS = {
    "centre": (0.5, 0.5), "left": (0.26, 0.5), "right": (0.74, 0.5), "top": (0.5, 0.26), "bottom": (0.5, 0.74),
    "top left": (0.26, 0.26), "top right": (0.74, 0.26), "bottom left": (0.26, 0.74), "bottom right": (0.74, 0.74),
}  # fmt: skip
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
HOLD_OUT = 12


@dataclass
class Group:
    """`count` equal things. colour None: the natural one, unnamed. size: "small", "large" or None."""

    kind: str
    colour: str | None = None
    count: int = 1
    size: str | None = None

    @property
    def shown(self):
        return self.colour or NATURAL[self.kind]


@dataclass
class Spec:
    """What a caption says. Of two groups, the first lies at `position`, the second opposite."""

    groups: list[Group]
    background: str | None = None
    position: str | None = None
    style: str = "flat"

    @property
    def backdrop(self):
        if self.background:
            return self.background
        return "blue" if any(g.shown == "white" for g in self.groups) else "white"


def held_out(colour, kind, background):
    return zlib.crc32(f"{colour} {kind} {background}".encode()) % HOLD_OUT == 0


def visible(colour, background):
    """Whether a thing of this colour stands out from this background."""
    hidden = {"black": ("black", "brown", "night"), "brown": ("brown", "black"), "green": ("green",), "white": ("white",)}
    hidden |= {"blue": ("blue", "night")}
    parts = background.split(">")
    return not any(part in hidden.get(colour, (colour,)) for part in parts)


def trainable(spec):
    """Every thing is visible, and no combination is held out."""
    return all(visible(g.shown, spec.backdrop) and not held_out(g.shown, g.kind, spec.backdrop) for g in spec.groups)


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def sample_background(rng):
    p = rng.random()
    if p < 0.3:
        return None
    if p < 0.62:
        return pick(rng, list(COLOURS))
    if p < 0.92:
        return pick(rng, SCENES)
    top, bottom = rng.choice(list(COLOURS), 2, replace=False)
    return f"{top}>{bottom}"


def sample_spec(rng, simple=0.0):
    """A random trainable specification; with probability `simple` a single flat thing."""
    while True:
        plain = rng.random() < simple
        p = rng.random()
        style = "flat" if plain or rng.random() < 0.55 else pick(rng, STYLES)
        background = sample_background(rng)

        def group(count=1):
            colour = None if rng.random() < 0.06 else pick(rng, list(COLOURS))
            size = pick(rng, ["small", "large"]) if rng.random() < 0.22 else None
            return Group(pick(rng, KINDS), colour, count, size)

        if plain or p < 0.64:
            position = pick(rng, list(POSITIONS)) if rng.random() < 0.4 else None
            spec = Spec([group()], background, position, style)
        elif p < 0.78:
            position = pick(rng, ["left", "right", "top", "bottom"]) if rng.random() < 0.25 else None
            spec = Spec([group(int(rng.integers(2, 4)))], background, position, style)
        elif p < 0.98:
            spec = Spec([group(), group()], background, pick(rng, list(OPPOSITE)), style)
            if spec.groups[0].kind == spec.groups[1].kind and spec.groups[0].shown == spec.groups[1].shown:
                continue
        else:
            spec = Spec([], background or pick(rng, SCENES), None, style)
        if trainable(spec):
            return spec


RADIUS = {  # small, default, large
    "centre": (0.15, 0.27, 0.4),
    "side": (0.12, 0.2, 0.245),
    2: (0.12, 0.19, 0.225),
    3: (0.09, 0.135, 0.155),
}


def layout(spec, rng):
    """The scene of a specification, with a little random shift and size."""
    things = []

    def place(group, x, y, radii):
        radius = radii[(("small", None, "large").index(group.size))] * rng.uniform(0.95, 1.05)
        x, y = x + rng.uniform(-0.015, 0.015), y + rng.uniform(-0.015, 0.015)
        things.append(Thing(group.kind, group.shown, x, y, radius))

    if len(spec.groups) == 2:
        for group, side in zip(spec.groups, (spec.position, OPPOSITE[spec.position])):
            place(group, *POSITIONS[side], RADIUS["side"])
    elif spec.groups and spec.groups[0].count > 1:
        group = spec.groups[0]
        x, y = POSITIONS[spec.position or "centre"]
        for at in {2: (0.27, 0.73), 3: (0.19, 0.5, 0.81)}[group.count]:
            place(group, *((x, at) if spec.position in ("left", "right") else (at, y)), RADIUS[group.count])
    elif spec.groups:
        middle = spec.position in (None, "centre")
        place(spec.groups[0], *POSITIONS[spec.position or "centre"], RADIUS["centre" if middle else "side"])
    return Scene(spec.backdrop, things, spec.style)


# --- words --------------------------------------------------------------------------------------------------------------

SIZE_WORDS = {"small": ["small", "small", "tiny", "little"], "large": ["large", "big", "big", "huge"]}
COLOUR_WORDS = {"grey": ["grey", "gray"], "cyan": ["cyan", "cyan", "turquoise"], "purple": ["purple", "purple", "violet"]}
KIND_WORDS = {
    "boat": ["boat", "boat", "boat", "sailboat"],
    "moon": ["moon", "moon", "moon", "crescent moon"],
    "cross": ["cross", "cross", "plus sign"],
    "circle": ["circle", "circle", "circle", "disc"],
    "heart": ["heart"],
}
PLACE_WORDS = {
    "centre": ["in the centre", "in the center", "in the middle"],
    "left": ["on the left", "to the left", "at the left", "on the left side"],
    "right": ["on the right", "to the right", "at the right", "on the right side"],
    "top": ["at the top", "near the top", "in the upper half"],
    "bottom": ["at the bottom", "near the bottom", "in the lower half"],
}
RELATION_WORDS = {
    "top": ["above", "above", "over", "on top of"],
    "bottom": ["below", "under", "beneath"],
    "left": ["to the left of", "left of", "on the left of", "next to", "beside"],
    "right": ["to the right of", "right of", "on the right of"],
}
SCENE_WORDS = {
    "night": ["in the night sky with stars", "in the night sky", "at night", "in a starry night sky", "under the stars"],
    "sea": ["over the sea", "on the sea", "at sea", "by the ocean", "in front of the sea"],
    "meadow": ["in a meadow", "on a meadow", "on the grass", "in a grassy meadow", "in a field of grass"],
    "sunset": ["at sunset", "in the sunset", "in front of a sunset", "with a sunset in the background", "at dusk"],
}
SCENE_NAMES = {
    "night": ["the night sky", "a starry night", "night sky with stars"],
    "sea": ["the sea", "the ocean", "a sea"],
    "meadow": ["a meadow", "a grassy meadow", "a field of grass"],
    "sunset": ["a sunset", "the sunset"],
}
STYLE_WORDS = {  # before, after
    "flat": (["a picture of", "a drawing of", "an illustration of", "a flat illustration of"], ["flat style", "flat design"]),
    "outlined": (
        ["an outlined drawing of", "a cartoon of", "an outlined picture of"],
        ["outlined", "with thick outlines", "with outlines"],
    ),
    "watercolour": (
        ["a watercolour of", "a watercolor of", "a watercolour painting of", "watercolor of"],
        ["watercolour", "watercolor", "watercolour style"],
    ),
    "pixel": (["pixel art of", "pixel art of", "a pixelated picture of", "8-bit pixel art of"], ["pixel art", "pixelated", "pixel style"]),
}


def article(words):
    return ("an " if words[0] in "aeio8" else "a ") + words


def colour_word(rng, colour):
    return pick(rng, COLOUR_WORDS.get(colour, [colour]))


def group_words(group, rng):
    kind = pick(rng, KIND_WORDS.get(group.kind, [group.kind]))
    if group.count > 1 and kind != "fish":
        kind += "es" if kind.endswith("s") else "s"
    words = [pick(rng, SIZE_WORDS[group.size])] if group.size else []
    words += [colour_word(rng, group.colour)] if group.colour else []
    phrase = " ".join(words + [kind])
    if group.count > 1:
        return ("two ", "three ")[group.count - 2] + phrase
    return pick(rng, ["the ", "one "]) + phrase if rng.random() < 0.06 else article(phrase)


def place_words(position, rng):
    if " " in position:
        return pick(rng, [f"in the {position} corner", f"at the {position}", f"in the {position}"])
    return pick(rng, PLACE_WORDS[position])


def background_words(background, rng):
    if background in SCENES:
        return pick(rng, SCENE_WORDS[background])
    if ">" in background:
        top, bottom = (colour_word(rng, c) for c in background.split(">"))
        return pick(
            rng,
            [
                f"on {article(top)} to {bottom} gradient",
                f"with {article(top)} to {bottom} gradient background",
                f"on a gradient from {top} to {bottom}",
            ],
        )
    name = article(colour_word(rng, background))
    return pick(
        rng,
        [f"on {name} background", f"on {name} background", f"with {name} background", f"against {name} background", f"on {name} backdrop"],
    )


def caption(spec, rng):
    """One wording of a specification."""
    if not spec.groups:
        if spec.background in SCENES:
            text = pick(rng, SCENE_NAMES[spec.background])
        elif ">" in spec.background:
            text = background_words(spec.background, rng).split(" ", 1)[1]
        else:
            text = article(colour_word(rng, spec.background)) + " background"
    else:
        text = group_words(spec.groups[0], rng)
        if len(spec.groups) == 2:
            other = group_words(spec.groups[1], rng)
            p = rng.random()
            if spec.position == "left" and p < 0.35:
                text += f" and {other}"
            elif p < 0.65:
                text += f" {pick(rng, RELATION_WORDS[spec.position])} {other}"
            else:
                text += f" {place_words(spec.position, rng)} and {other} {place_words(OPPOSITE[spec.position], rng)}"
        elif spec.position:
            text += " " + place_words(spec.position, rng)
        if spec.background:
            where = background_words(spec.background, rng)
            p = rng.random()
            if p < 0.12:
                text = f"{where}, {text}"
            elif p < 0.24:
                text = f"{text}, {where}"
            else:
                text = f"{text} {where}"
    before, after = STYLE_WORDS[spec.style]
    if spec.style == "flat":
        p = rng.random()
        return f"{pick(rng, before)} {text}" if p < 0.15 else f"{text}, {pick(rng, after)}" if p < 0.2 else text
    if spec.style in ("outlined", "pixel") and spec.groups and text.startswith(("a ", "an ")) and rng.random() < 0.2:
        return f"{'an outlined' if spec.style == 'outlined' else 'a pixelated'} {text.split(' ', 1)[1]}"
    return f"{pick(rng, before)} {text}" if rng.random() < 0.65 else f"{text}, {pick(rng, after)}"
