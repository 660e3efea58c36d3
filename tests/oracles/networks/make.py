"""Reference values of the networks, computed by diffusers and transformers on torch CPU in fp32.

One .safetensors file per checkpoint (fp32 tensors, read by ../read-oracle.ts), inputs and outputs together:

    text.tokens            [2, 77] i32   a short prompt and one that fills all positions
    text.last              [2, 77, D]    last layer + final norm: what Stable Diffusion 1.x is conditioned on
    text.skip1, text.skip2 [2, 77, D]    clip skip: that many layers fewer, then the final norm
    text.raw               [2, 77, D]    what comes out of the last layer, without the final norm
    text.mask              [2, 77] i32   1 = visible; some positions in the middle are hidden
    text.masked            [2, 77, D]    text.last with that mask (and the causal one, as always)
    unet.context           [2, 77, D]
    unet.{a,b}.sample      [2, 4 or 9, H, W]      a: 16×24 latents, b: 8×8
    unet.{a,b}.timestep    [1]           a is fractional
    unet.{a,b}.out         [2, 4, H, W]  the prediction (epsilon or v)
    vae.image              [1, 3, 64, 128]        in [−1, 1]
    vae.mean, vae.logvar   [1, 4, 8, 16]          not yet scaled by scaling_factor; logvar clamped to [−30, 20]
    vae.latent             [1, 4, 8, 16]          already divided by scaling_factor
    vae.decoded            [1, 3, 64, 128]        not clamped

`text.*` follows the layers of the *file*: for Stable Diffusion 2 in LDM layout the file has one layer more than is run, so there
text.skip1 is what conditions the U-Net, and it equals text.last of the diffusers folder. fp16 and bf16 checkpoints: weights rounded as
stored, arithmetic in fp32.

Usage: python make.py                      every miniature
       python make.py --folder F --name N  the diffusers folder F (for example configs/models/crayon) into N.safetensors
"""

import argparse
import sys
from pathlib import Path

import diffusers
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
MINIATURES = HERE.parent / "miniatures"
sys.path.insert(0, str(MINIATURES))
import make as miniatures  # noqa: E402  (the miniatures' own recipe)


def inputs(seed, *, vocabulary, start, end, pad, width, channels):
    """Seeded inputs: every number that the reference sees is stored beside what it answers."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(0, vocabulary - 2, (2, 77), generator=generator)
    tokens[:, 0] = start
    tokens[0, 9], tokens[0, 10:], tokens[1, 76] = end, pad, end
    mask = torch.ones(2, 77, dtype=torch.long)
    mask[0, 3:6] = 0
    mask[1, 40:] = 0
    return {
        "text.tokens": tokens,
        "text.mask": mask,
        "unet.context": torch.randn(2, 77, width, generator=generator),
        "unet.a.sample": torch.randn(2, channels, 16, 24, generator=generator),
        "unet.a.timestep": torch.tensor([741.375]),
        "unet.b.sample": torch.randn(2, channels, 8, 8, generator=generator),
        "unet.b.timestep": torch.tensor([1.0]),
        "vae.image": smooth_image(generator),
        "vae.latent": torch.randn(1, 4, 8, 16, generator=generator),
    }


def smooth_image(generator):
    """Coloured waves with a little noise, 64 × 128 in [−1, 1]: flat noise would hide a shifted or mirrored picture less well."""
    y, x = torch.meshgrid(torch.arange(64) / 64, torch.arange(128) / 128, indexing="ij")
    waves = torch.stack([torch.sin(9 * x + 2 * y), torch.cos(5 * y - 3 * x), torch.sin(11 * x * y)])
    return (0.9 * waves + 0.1 * torch.randn(3, 64, 128, generator=generator)).clamp(-1, 1)[None]


@torch.no_grad()
def answers(given, *, text=None, unet=None, vae=None):
    out = {}
    if text is not None:
        tokens, norm = given["text.tokens"], text.final_layer_norm
        states = text(tokens, output_hidden_states=True).hidden_states
        out |= {"text.last": norm(states[-1]), "text.skip1": norm(states[-2]), "text.raw": states[-1]}
        if len(states) > 3:
            out["text.skip2"] = norm(states[-3])
        out["text.masked"] = text(tokens, attention_mask=given["text.mask"]).last_hidden_state
        assert torch.allclose(out["text.last"], text(tokens).last_hidden_state, atol=1e-6)
    if unet is not None:
        for case in "ab":
            sample, timestep = given[f"unet.{case}.sample"], given[f"unet.{case}.timestep"]
            out[f"unet.{case}.out"] = unet(sample, timestep.expand(2), given["unet.context"]).sample
    if vae is not None:
        posterior = vae.encode(given["vae.image"]).latent_dist
        out |= {"vae.mean": posterior.mean, "vae.logvar": posterior.logvar, "vae.decoded": vae.decode(given["vae.latent"]).sample}
    return out


def write(name, given, results):
    for key, tensor in results.items():
        assert torch.isfinite(tensor).all(), key
        print(f"{name:24} {key:14} {str(list(tensor.shape)):20} std {tensor.std():.3f}  largest {tensor.abs().max():.3f}")
    parts = {key.split(".")[0] for key in results}
    kept = {key: t for key, t in given.items() if key.split(".")[0] in parts} | results
    kept = {key: (t.float() if t.is_floating_point() else t.int()).contiguous() for key, t in kept.items()}
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers)}
    save_file(kept, HERE / f"{name}.safetensors", metadata=versions)
    (HERE / f"{name}.safetensors").chmod(0o644)


def load(model, weights):
    """Weights as stored, arithmetic in fp32."""
    model.load_state_dict({key: tensor.float() for key, tensor in weights.items()})
    return model.eval()


def load_folder(folder):
    text = transformers.CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
    unet = diffusers.UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).eval()
    vae = diffusers.AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval()
    return dict(text=text, unet=unet, vae=vae)


def load_file_by_reference(name, *, unet_config, text=None):
    """A single LDM file, taken apart by diffusers' own conversion."""
    checkpoint = load_file(MINIATURES / f"{name}.safetensors")
    models = {}
    unet = diffusers.UNet2DConditionModel(**unet_config)
    models["unet"] = load(unet, miniatures.reference.convert_ldm_unet_checkpoint(dict(checkpoint), dict(unet.config)))
    if text is None:
        return models
    vae = diffusers.AutoencoderKL(**miniatures.VAE)
    models["vae"] = load(vae, miniatures.reference.convert_ldm_vae_checkpoint(dict(checkpoint), dict(vae.config)))
    if text.config.hidden_act == "gelu":
        weights = miniatures.reference.convert_open_clip_checkpoint(text, dict(checkpoint))
    else:
        weights = miniatures.reference.convert_ldm_clip_checkpoint(dict(checkpoint))
    names = {key.removeprefix("text_model."): tensor for key, tensor in weights.items()}
    models["text"] = load(text, {key: t for key, t in names.items() if key in text.state_dict()})
    return models


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--name")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    if arguments.folder:
        models = load_folder(arguments.folder)
        text, unet = models["text"].config, models["unet"].config
        tokenizer = transformers.CLIPTokenizer.from_pretrained(arguments.folder / "tokenizer")
        special = dict(start=tokenizer.bos_token_id, end=tokenizer.eos_token_id, pad=tokenizer.pad_token_id)
        given = inputs(7, vocabulary=text.vocab_size, width=unet.cross_attention_dim, channels=unet.in_channels, **special)
        write(arguments.name or arguments.folder.resolve().name, given, answers(given, **models))
        return

    vocabulary, _ = miniatures.make_vocabulary()
    special = dict(vocabulary=len(vocabulary), start=vocabulary["<|startoftext|>"], end=vocabulary["<|endoftext|>"])
    given = inputs(7, width=16, channels=4, pad=special["end"], **special)
    write("sd1", given, answers(given, **load_folder(MINIATURES / "sd1")))
    for name in ("sd1-fp32", "sd1-fp16", "sd1-bf16"):
        text = miniatures.text_model(3, "quick_gelu", vocabulary, "<|endoftext|>", 0)
        write(name, given, answers(given, **load_file_by_reference(name, unet_config=miniatures.UNET_SD1, text=text)))
    given = inputs(7, width=16, channels=4, pad=vocabulary["!"], **special)
    write("sd2", given, answers(given, **load_folder(MINIATURES / "sd2")))
    text = miniatures.text_model(4, "gelu", vocabulary, "!", 0)
    write("sd2-fp16", given, answers(given, **load_file_by_reference("sd2-fp16", unet_config=miniatures.UNET_SD2, text=text)))
    given = inputs(7, width=16, channels=9, pad=0, **special)
    name = "sd1-inpainting-fp16"
    write(name, given, answers(given, **load_file_by_reference(name, unet_config=miniatures.UNET_INPAINTING)))

    # The two layouts hold the same model, so the folder of Stable Diffusion 2 must answer what its file answers with one layer skipped.
    folder, file = load_file(HERE / "sd2.safetensors"), load_file(HERE / "sd2-fp16.safetensors")
    assert torch.equal(folder["text.last"], file["text.skip1"]) and torch.equal(folder["unet.a.out"], file["unet.a.out"])
    same = load_file(HERE / "sd1.safetensors"), load_file(HERE / "sd1-fp32.safetensors")
    assert all(torch.equal(same[0][key], tensor) for key, tensor in same[1].items())
    (HERE / "sd1-fp32.safetensors").unlink()  # the file answers what the folder answers: one oracle serves both


if __name__ == "__main__":
    main()
