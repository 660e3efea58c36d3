"""Whole img2img pictures by diffusers, for comparison with ours: every sampler that both programs have, from the same picture and noise.

    python make.py ../../../configs/models/crayon

reads init.png (made by this program; it carries its command), writes SAMPLER.png (one picture for each strength, side by side) and
settings.json (everything that determines them).

Networks, schedulers and the slicing of the timesteps are diffusers' (`../pictures/make.py`, which says what is done as in InvokeAI 2.3).
The order of the draws is InvokeAI 2.3.5's, which differs from diffusers' own pipeline: seed; starting noise; encode, which draws the
sample of the VAE's distribution; seed again; the same noise once more, for the latents; then the noise of ancestral samplers.
"""

import argparse
import json
import sys
from pathlib import Path

import diffusers
import numpy
import torch
import transformers
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "pictures"))
from make import SCHEDULERS, Model  # noqa: E402

PROMPT = "a blue fish over the sea"
SEED = 2000
STEPS = 10
STRENGTHS = [0.4, 0.7]
CFG = 5.0


def encode(model, picture, posterior):
    pixels = torch.from_numpy(numpy.array(picture)).permute(2, 0, 1)[None].float() / 255 * 2 - 1
    distribution = model.vae.encode(pixels).latent_dist
    return (distribution.mean + distribution.std * posterior) * model.vae.config.scaling_factor


def draw(model, sampler, context, picture, strength):
    """One picture: as InvokeAI 2.3.5 draws it, over diffusers' scheduler."""
    scheduler = model.scheduler(sampler)
    scheduler.set_timesteps(STEPS)
    begin = (STEPS - min(int(STEPS * strength), STEPS)) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    timesteps = scheduler.timesteps[begin:]
    shape = (1, 4, picture.height // 8, picture.width // 8)
    generator = torch.Generator().manual_seed(SEED)
    torch.randn(shape, generator=generator)
    init = encode(model, picture, torch.randn(shape, generator=generator))
    generator = torch.Generator().manual_seed(SEED)
    start = scheduler.add_noise(init, torch.randn(shape, generator=generator), timesteps[:1])
    latents = model.walk(sampler, scheduler, timesteps, context, start, CFG, [generator])
    return model.decode(latents)[0], timesteps


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    model = Model(parser.parse_args().folder)
    picture = Image.open(HERE / "init.png").convert("RGB")
    context = model.text(model.tokens(["", PROMPT])).last_hidden_state
    samplers = {}
    for sampler in SCHEDULERS:
        drawn = [draw(model, sampler, context, picture, strength) for strength in STRENGTHS]
        Image.fromarray(torch.cat([pixels for pixels, _ in drawn], 1).numpy()).save(HERE / f"{sampler}.png", optimize=True)
        samplers[sampler] = [[round(float(t), 6) for t in timesteps] for _, timesteps in drawn]
        print(sampler, [len(timesteps) for _, timesteps in drawn], flush=True)
    settings = dict(
        prompt=PROMPT,
        seed=SEED,
        steps=STEPS,
        strengths=STRENGTHS,
        cfg=CFG,
        timesteps=samplers,
        versions={module.__name__: module.__version__ for module in (torch, diffusers, transformers)},
    )
    (HERE / "settings.json").write_text(json.dumps(settings, indent=1) + "\n")


if __name__ == "__main__":
    main()
