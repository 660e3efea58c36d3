"""Teaches crayon a colour that it has no word for: two vectors for `<olive>`, by textual inversion (https://arxiv.org/abs/2208.01618).

Nothing of the model changes. Pictures of olive things are drawn as those of the model's own training were, with `<olive>` where their captions
name the colour, and the vectors alone follow the gradient of the model's loss. They begin as those of "green" and "yellow".

Usage: python train.py [--steps 300] [--out ..]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent.parent / "models" / "crayon"
sys.path.insert(0, str(MODEL / "training"))

import captions  # noqa: E402
import draw  # noqa: E402

TRIGGER = "<olive>"
OLIVE = (122, 128, 40)
BEGIN_AS = ("green", "yellow")
PICTURES, SIZE, BATCH, RATE, SEED = 320, 256, 8, 0.01, 1


def scenes(rng):
    """Captioned pictures of single olive things on backgrounds that they stand out from."""
    draw.COLOURS["olive"] = OLIVE
    while True:
        background = captions.sample_background(rng)
        if background in ("green", "brown", "meadow") or ">" in (background or ""):
            continue
        group = captions.Group(captions.pick(rng, draw.KINDS), "olive")
        spec = captions.Spec([group], background, None, "flat")
        picture = draw.draw(captions.layout(spec, rng), SIZE, SIZE, rng)
        yield picture, captions.caption(spec, rng).replace("olive", TRIGGER)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--out", type=Path, default=HERE.parent)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)

    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    text = CLIPTextModel.from_pretrained(MODEL / "text_encoder", dtype=torch.float32).requires_grad_(False)
    unet = UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32).requires_grad_(False)
    vae = AutoencoderKL.from_pretrained(MODEL / "vae", torch_dtype=torch.float32).requires_grad_(False)
    alphas = DDPMScheduler.from_pretrained(MODEL / "scheduler").alphas_cumprod
    # As in the model's own training: where there is much noise the error is tiny, yet colours are decided there.
    weights = (alphas / (1 - alphas)).rsqrt().clamp(0.2, 8)
    weights /= weights.mean()

    samples = scenes(rng)
    pictures, texts = zip(*(next(samples) for _ in range(PICTURES)))
    latents = []
    for at in range(0, PICTURES, 16):
        x = torch.from_numpy(np.stack(pictures[at : at + 16])).permute(0, 3, 1, 2).float() / 127.5 - 1
        latents.append(vae.encode(x).latent_dist.mean * vae.config.scaling_factor)
    latents = torch.cat(latents)

    words = [f"{TRIGGER}{index}" for index in range(len(BEGIN_AS))]
    tokenizer.add_tokens(words)
    table = text.get_input_embeddings()
    vocabulary = table.num_embeddings
    begin = [tokenizer(word, add_special_tokens=False).input_ids for word in BEGIN_AS]
    vectors = torch.nn.Parameter(torch.stack([table.weight[ids].mean(0) for ids in begin]))
    ids = tokenizer([t.replace(TRIGGER, " ".join(words)) for t in texts], padding="max_length", max_length=77, truncation=True)
    ids = torch.tensor(ids.input_ids)
    fixed = table.weight.detach().clone()
    table.forward = lambda tokens: torch.nn.functional.embedding(tokens, torch.cat([fixed, vectors]))
    assert ids.max() == vocabulary + len(words) - 1

    optimizer = torch.optim.Adam([vectors], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.steps)
    began, recent = time.time(), []
    for step in range(1, args.steps + 1):
        chosen = torch.from_numpy(rng.choice(PICTURES, BATCH, replace=False))
        x = latents[chosen]
        t = ((torch.randperm(BATCH) + torch.rand(BATCH)) / BATCH * 1000).long().clamp(max=999)
        noise = torch.randn_like(x)
        a = alphas[t][:, None, None, None]
        guess = unet(a.sqrt() * x + (1 - a).sqrt() * noise, t, text(ids[chosen]).last_hidden_state).sample
        loss = ((guess - noise).square().mean((1, 2, 3)) * weights[t]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        recent.append(loss.item())
        if step % 25 == 0:
            print(step, f"{time.time() - began:.0f} s", f"{np.mean(recent):.5f}", flush=True)
            recent = []
    save_file({TRIGGER: vectors.detach().half()}, args.out / "olive.safetensors", {"model": "crayon", "recipe": "training/train.py"})


if __name__ == "__main__":
    main()
