"""A part of a picture painted by the procedure of InvokeAI 2.3 over diffusers' networks and schedulers, for comparison with ours.

    python make.py ../../../configs/models/crayon

reads ../img2img/init.png, writes mask.png, SAMPLER.png and settings.json (everything that determines them).

After every whole step the latents become lerp(original under the one noise at the step's last timestep, latents, paint); after the last step the
original has no noise. The result gets mean and deviation of the original's kept pixels, then the original is pasted over it, its mask narrowed
by 4 pixels and blurred by 8. Draws are in the order of `../img2img/make.py`.
"""

import argparse
import json
import sys
from pathlib import Path

import diffusers
import numpy
import torch
import transformers
from PIL import Image, ImageFilter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pictures"))
from make import Model  # noqa: E402

PROMPT = "a blue fish over the sea"
SEED = 2000
STEPS = 10
STRENGTH = 0.7
CFG = 5.0
SAMPLERS = ["ddim", "k_euler", "k_lms", "k_heun", "k_dpmpp_2"]
SOFT_EDGE = 8


def make_mask(width, height):
    """White keeps: a black ellipse with a soft rim."""
    y, x = numpy.mgrid[0:height, 0:width]
    distance = numpy.hypot((x - 0.6 * width) / (0.3 * width), (y - 0.5 * height) / (0.25 * height))
    return Image.fromarray(numpy.clip((distance - 0.9) / 0.2 * 255, 0, 255).round().astype(numpy.uint8), "L")


def draw(model, sampler, context, picture, mask):
    scheduler = model.scheduler(sampler)
    scheduler.set_timesteps(STEPS)
    timesteps = scheduler.timesteps[(STEPS - int(STEPS * STRENGTH)) * scheduler.order :]
    shape = (1, 4, picture.height // 8, picture.width // 8)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(shape, generator=generator)
    pixels = torch.from_numpy(numpy.array(picture)).permute(2, 0, 1)[None].float() / 255 * 2 - 1
    distribution = model.vae.encode(pixels).latent_dist
    original = distribution.mean + distribution.std * torch.randn(shape, generator=generator)
    original = original * model.vae.config.scaling_factor
    keep = torch.from_numpy(numpy.array(mask))[None, None].float() / 255
    paint = 1 - torch.nn.functional.interpolate(keep, shape[2:], mode="bilinear", antialias=False)
    latents = scheduler.add_noise(original, noise, timesteps[:1])
    for index, timestep in enumerate(timesteps):
        scaled = scheduler.scale_model_input(latents, timestep)
        empty, wanted = model.unet(torch.cat([scaled] * 2), timestep, context).sample.chunk(2)
        latents = scheduler.step(empty + CFG * (wanted - empty), timestep, latents).prev_sample
        last = index == len(timesteps) - 1
        # Heun's first evaluation is half a step.
        if not last and not getattr(scheduler, "state_in_first_order", True):
            continue
        under = original if last else scheduler.add_noise(original, noise, timestep[None])
        latents = torch.lerp(under, latents, paint)
    return model.decode(latents)[0].numpy()


def finish(painted, picture, mask):
    kept = numpy.array(mask) > 0
    original = numpy.array(picture)
    have, want = painted[kept].astype(float), original[kept].astype(float)
    matched = (painted - have.mean(0)) / have.std(0) * want.std(0) + want.mean(0)
    matched = Image.fromarray(matched.clip(0, 255).astype(numpy.uint8))
    for _ in range(SOFT_EDGE // 2):
        mask = mask.filter(ImageFilter.MinFilter(3))
    matched.paste(picture, (0, 0), mask.filter(ImageFilter.BoxBlur(SOFT_EDGE)))
    return matched


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    model = Model(parser.parse_args().folder)
    picture = Image.open(HERE.parent / "img2img" / "init.png").convert("RGB")
    mask = make_mask(*picture.size)
    mask.save(HERE / "mask.png", optimize=True)
    context = model.text(model.tokens(["", PROMPT])).last_hidden_state
    for sampler in SAMPLERS:
        finish(draw(model, sampler, context, picture, mask), picture, mask).save(HERE / f"{sampler}.png", optimize=True)
        print(sampler, flush=True)
    settings = dict(
        prompt=PROMPT,
        seed=SEED,
        steps=STEPS,
        strength=STRENGTH,
        cfg=CFG,
        softEdge=SOFT_EDGE,
        samplers=SAMPLERS,
        versions={module.__name__: module.__version__ for module in (torch, diffusers, transformers)},
    )
    (HERE / "settings.json").write_text(json.dumps(settings, indent=1) + "\n")


if __name__ == "__main__":
    main()
