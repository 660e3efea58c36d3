"""Pictures in two passes by diffusers, with and without the options for noise and steps; and small tensors resized by torch.

    python make.py ../../../configs/models/crayon

writes CASE.png, settings.json (everything that determines them) and resize.json (inputs and outputs of torch's bilinear interpolation).

Networks and schedulers are diffusers' (`../pictures/make.py`, which says what is done as in InvokeAI 2.3). The two passes, their sizes and
the order of the draws are InvokeAI 2.3.5's: starting noise, gradient noise, steps of the first pass, noise of the second pass, its steps.
Where that program's global generator is meant, one generator goes through the whole picture.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import diffusers
import numpy
import torch
import transformers
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pictures"))
from make import GROWING, Model  # noqa: E402

PROMPT = "a blue fish over the sea"
SEED = 3000
STEPS = 6
STRENGTH = 0.75
CFG = 5.0
WIDTH, HEIGHT = 384, 256
NATIVE = 256
CASES = {
    "ddim": dict(sampler="ddim"),
    "k_euler_a": dict(sampler="k_euler_a"),
    "options": dict(sampler="k_euler_a", perlin=0.2, threshold=2.5, symmetry=0.5),
}


def first_size(width, height):
    """The area of the model's size in the picture's proportions, no side below half of the model's, multiples of 8."""
    if width > height:
        h = max(NATIVE // 2, math.sqrt(NATIVE**2 * height / width))
        w = h * width / height
    else:
        w = max(NATIVE // 2, math.sqrt(NATIVE**2 * width / height))
        h = w * height / width
    return int(w) // 8 * 8, int(h) // 8 * 8


def gradient_noise(rows, columns, generator):
    """One sheet of 8 by 8 cells over sides rounded up to multiples of 8, in double precision, element by element."""
    turns = torch.rand(9, 9, generator=generator).double() * 2 * math.pi
    down, along = turns.cos().tolist(), turns.sin().tolist()
    tall, wide = -(-rows // 8), -(-columns // 8)
    fade = lambda t: 6 * t**5 - 15 * t**4 + 10 * t**3  # noqa: E731
    sheet = numpy.zeros((rows, columns))
    for y in range(rows):
        for x in range(columns):
            (i, v), (j, u) = divmod(y, tall), divmod(x, wide)
            v, u = v / tall, u / wide
            slope = lambda a, b: down[i + a][j + b] * (v - a) + along[i + a][j + b] * (u - b)  # noqa: E731
            left = slope(0, 0) * (1 - fade(v)) + slope(1, 0) * fade(v)
            right = slope(0, 1) * (1 - fade(v)) + slope(1, 1) * fade(v)
            sheet[y, x] = math.sqrt(2) * (left * (1 - fade(u)) + right * fade(u))
    return torch.from_numpy(sheet).float()


def limited(latents, threshold, passed, generator):
    """Values beyond the limit become random shares of 0.7 of the extreme, which is brought to between 1 and the limit."""
    limit = threshold * (1 + 5 * max(0.0, 1 - passed / 0.2))
    flat = latents.flatten().clone()
    for sign in (1, -1):
        extreme = float((sign * flat).max())
        if extreme > limit:
            cut = min(max(0.7 * extreme, 1.0), limit)
            beyond = sign * flat > cut
            flat[beyond] = sign * cut * torch.rand(int(beyond.sum()), generator=generator)
    return flat.reshape(latents.shape)


def run(model, sampler, scheduler, timesteps, context, latents, generator, *, threshold=0, symmetry=0, **_):
    """Step by step, with what is done to the latents behind each."""
    for index, timestep in enumerate(timesteps):
        latents = model.walk(sampler, scheduler, [timestep], context, latents, CFG, [generator])
        passed, before = index / len(timesteps), (index - 1) / len(timesteps)
        if threshold:
            latents = limited(latents, threshold, passed, generator)
        if symmetry and passed >= symmetry > before:
            half = latents.shape[3] // 2
            latents[..., -half:] = latents[..., :half].flip(3)
    return latents


def draw(model, context, *, sampler, perlin=0, **options):
    generator = torch.Generator().manual_seed(SEED)
    width, height = first_size(WIDTH, HEIGHT)
    noise = torch.randn(1, 4, height // 8, width // 8, generator=generator)
    if perlin:
        sheets = [gradient_noise(height // 8, width // 8, generator) for _ in range(4)]
        noise = (1 - perlin) * noise + perlin * torch.stack(sheets)[None]
    scheduler = model.scheduler(sampler)
    scheduler.set_timesteps(STEPS)
    first = scheduler.sigmas.max() if sampler in GROWING else (1 - scheduler.alphas_cumprod[scheduler.timesteps[0].long()]) ** 0.5
    latents = run(model, sampler, scheduler, scheduler.timesteps, context, noise * first, generator, **options)

    latents = torch.nn.functional.interpolate(latents, size=(HEIGHT // 8, WIDTH // 8), mode="bilinear")
    noise = torch.randn(latents.shape, generator=generator)
    scheduler = model.scheduler(sampler)
    scheduler.set_timesteps(STEPS)
    begin = (STEPS - int(STEPS * STRENGTH)) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    timesteps = scheduler.timesteps[begin:]
    start = scheduler.add_noise(latents, noise, timesteps[:1])
    return model.decode(run(model, sampler, scheduler, timesteps, context, start, generator, threshold=options.get("threshold", 0)))[0]


def resized():
    generator = torch.Generator().manual_seed(5)
    cases = []
    for source, target in [((3, 5), (7, 8)), ((4, 4), (8, 8)), ((26, 3), (32, 4)), ((8, 6), (3, 4)), ((1, 2), (3, 5))]:
        given = torch.randn(1, 2, *source, generator=generator)
        got = torch.nn.functional.interpolate(given, size=target, mode="bilinear")
        values = lambda t: [float(f"{v:.8g}") for v in t.flatten().tolist()]  # noqa: E731
        cases.append({"from": source, "to": target, "given": values(given), "expected": values(got)})
    return cases


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    model = Model(parser.parse_args().folder)
    context = model.text(model.tokens(["", PROMPT])).last_hidden_state
    (HERE / "resize.json").write_text(json.dumps(resized(), separators=(",", ":")) + "\n")
    for name, options in CASES.items():
        Image.fromarray(draw(model, context, **options).numpy()).save(HERE / f"{name}.png", optimize=True)
        print(name, flush=True)
    settings = dict(
        prompt=PROMPT,
        seed=SEED,
        steps=STEPS,
        strength=STRENGTH,
        cfg=CFG,
        width=WIDTH,
        height=HEIGHT,
        cases=CASES,
        versions={module.__name__: module.__version__ for module in (torch, diffusers, transformers)},
    )
    (HERE / "settings.json").write_text(json.dumps(settings, indent=1) + "\n")


if __name__ == "__main__":
    main()
