"""Trains the LoRA that comes with crayon: every picture becomes a blueprint, pale lines on blue.

Draws crayon's own training scenes, keeps their outlines, and teaches a LoCon of rank 3 (U-Net only) to draw those under the same captions.
Written in Kohya's names, in half precision. Needs torch, diffusers, transformers, safetensors, peft, scipy.

Usage: python blueprint.py OUT.safetensors [--steps 500] [--pictures 800]
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import peft
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from scipy.ndimage import gaussian_filter, maximum_filter
from transformers import CLIPTextModel, CLIPTokenizer

MODEL = Path(__file__).resolve().parents[2] / "models" / "crayon"
sys.path.insert(0, str(MODEL / "training"))
from captions import caption, layout, sample_spec  # noqa: E402
from draw import draw  # noqa: E402

PAPER = np.array([38, 74, 158], np.float32)
INK = np.array([236, 242, 255], np.float32)
RANK = 3
TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2"]


def blueprint(picture):
    """Pale lines where the picture's colours change."""
    smooth = gaussian_filter(picture.astype(np.float32), (1.2, 1.2, 0))
    down, across = np.gradient(smooth, axis=(0, 1))
    change = np.sqrt((down**2 + across**2).sum(2))
    line = gaussian_filter(maximum_filter((change > 14).astype(np.float32), 3), 0.6)[..., None]
    return PAPER + (INK - PAPER) * np.clip(line, 0, 1)


@torch.no_grad()
def training_set(count, rng, vae, text, tokenizer):
    latents, contexts = [], []
    while len(latents) * 16 < count:
        pictures, captions = [], []
        for _ in range(16):
            spec = sample_spec(rng, 0.5)
            pictures.append(blueprint(draw(layout(spec, rng), 256, 256, rng)))
            captions.append(caption(spec, rng))
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
        latents.append(vae.encode(x).latent_dist.mean * vae.config.scaling_factor)
        ids = tokenizer(captions, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
        contexts.append(text(ids).last_hidden_state)
    return torch.cat(latents), torch.cat(contexts)


def kohya(unet):
    """Without `.alpha`: it is the rank, which is what a file means that says none."""
    tensors = {}
    for key, tensor in peft.get_peft_model_state_dict(unet).items():
        module, part = key.removesuffix(".weight").rsplit(".", 1)
        name = "lora_unet_" + module.replace(".", "_")
        tensors[f"{name}.{'lora_down' if part == 'lora_A' else 'lora_up'}.weight"] = tensor.detach().half().contiguous()
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=100)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(17)
    rng = np.random.default_rng(17)
    unet = UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32)
    vae = AutoencoderKL.from_pretrained(MODEL / "vae", torch_dtype=torch.float32)
    text = CLIPTextModel.from_pretrained(MODEL / "text_encoder", dtype=torch.float32)
    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    began = time.time()
    latents, contexts = training_set(args.pictures, rng, vae, text, tokenizer)
    print(f"{len(latents)} pictures after {time.time() - began:.0f} s", flush=True)
    with torch.no_grad():
        ids = tokenizer([""], padding="max_length", max_length=77, return_tensors="pt").input_ids
        empty = text(ids).last_hidden_state

    unet.requires_grad_(False)
    unet.add_adapter(peft.LoraConfig(r=RANK, lora_alpha=RANK, target_modules=TARGETS))
    trained = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    print(f"{sum(p.numel() for p in trained)} numbers are trained", flush=True)
    optimizer = torch.optim.AdamW(trained, lr=args.rate, betas=(0.9, 0.98), weight_decay=0)
    alphas = DDPMScheduler.from_pretrained(MODEL / "scheduler").alphas_cumprod
    weights = ((1 - alphas) / alphas).sqrt().clamp(0.2, 8)
    weights /= weights.mean()
    recent = []
    for step in range(1, args.steps + 1):
        optimizer.param_groups[0]["lr"] = args.rate * min(1, step / 30) * min(1, (args.steps - step + 1) / (0.4 * args.steps))
        index = torch.from_numpy(rng.integers(len(latents), size=args.batch))
        # Stratified timesteps, one from each of equal slices.
        t = ((torch.randperm(args.batch) + torch.rand(args.batch)) / args.batch * 1000).long()
        x, noise = latents[index], torch.randn(args.batch, *latents.shape[1:])
        a = alphas[t][:, None, None, None]
        context = torch.where(torch.rand(args.batch, 1, 1) < 0.1, empty, contexts[index])
        with torch.autocast("cpu", torch.bfloat16):
            guess = unet((a.sqrt() * x + (1 - a).sqrt() * noise), t, context).sample
        loss = ((guess.float() - noise).square().mean((1, 2, 3)) * weights[t]).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        recent.append(loss.item())
        if step % 25 == 0:
            print(f"step {step}: {np.mean(recent):.4f} after {time.time() - began:.0f} s", flush=True)
            recent = []
        if step % args.save_every == 0 or step == args.steps:
            save_file(kohya(unet), args.out)
            args.out.chmod(0o644)


if __name__ == "__main__":
    main()
