"""Assembles the model folder (diffusers layout, fp16 safetensors) from the autoencoder and a U-Net checkpoint."""

import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from train_unet import SCHEDULE, build


def load(run, tokenizer_path, vae_path):
    """The pipeline with the averaged weights of `run`/checkpoint.pt (untrained weights if there is none)."""
    tokenizer, text, unet = build(tokenizer_path)
    modules = torch.nn.ModuleDict({"text": text, "unet": unet})
    if (run / "checkpoint.pt").exists():
        state = torch.load(run / "checkpoint.pt", map_location="cpu")
        with torch.no_grad():
            for p, averaged in zip(modules.parameters(), state["average"]):
                p.copy_(averaged)
    scheduler = PNDMScheduler(**SCHEDULE, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    scheduler.register_to_config(clip_sample=False)
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL.from_pretrained(vae_path),
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    load(args.run, args.tokenizer, args.vae).to(torch.float16).save_pretrained(args.out)
    # transformers 5 leaves out the prefix that all other readers of this layout expect (and still reads itself).
    weights = args.out / "text_encoder" / "model.safetensors"
    save_file({f"text_model.{k}": v for k, v in load_file(weights).items()}, weights, {"format": "pt"})
    # The tokenizer in the two-file form that every reader of CLIP tokenizers knows.
    shutil.rmtree(args.out / "tokenizer")
    shutil.copytree(args.tokenizer, args.out / "tokenizer")
    for path in args.out.rglob("config.json"):  # no paths of the machine that trained it
        config = json.loads(path.read_text())
        config.pop("_name_or_path", None)
        path.write_text(json.dumps(config, indent=2) + "\n")
    for path in args.out.rglob("*.safetensors"):
        path.chmod(0o644)
    sizes = {p.relative_to(args.out): p.stat().st_size for p in args.out.rglob("*.safetensors")}
    print(*(f"{size / 1e6:6.2f} MB  {path}" for path, size in sizes.items()), f"{sum(sizes.values()) / 1e6:6.2f} MB in all", sep="\n")


if __name__ == "__main__":
    main()
