"""A run of the miniature U-Net for inpainting (nine input channels), by the pieces of diffusers' StableDiffusionInpaintPipeline.

    python make-nine.py

writes nine-channels.json: latents of an 8×8 region painted into a 64×64 picture, with everything that determines them. The picture has the
levels (7·i) mod 256, i counting bytes; rows 16 to 47 and columns 24 to 63 are painted. The context is that of
`../networks/sd1-inpainting-fp16.safetensors`, negative first. Draws: starting noise, sample of the picture, sample of the masked picture.
"""

import importlib.util
import json
from pathlib import Path

import diffusers
import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent
specification = importlib.util.spec_from_file_location("networks", HERE.parent / "networks" / "make.py")
networks = importlib.util.module_from_spec(specification)
specification.loader.exec_module(networks)

SEED, STEPS, STRENGTH, CFG = 7, 6, 0.7, 4.0


@torch.no_grad()
def main():
    unet = networks.load_file_by_reference("sd1-inpainting-fp16", unet_config=networks.miniatures.UNET_INPAINTING)["unet"]
    vae = networks.load_folder(networks.MINIATURES / "sd1")["vae"]
    context = load_file(HERE.parent / "networks" / "sd1-inpainting-fp16.safetensors")["unet.context"]
    schedule = json.loads((networks.MINIATURES / "sd1" / "scheduler" / "scheduler_config.json").read_text())
    scheduler = diffusers.DDIMScheduler.from_config(schedule | dict(clip_sample=False))
    scheduler.set_timesteps(STEPS)
    timesteps = scheduler.timesteps[STEPS - int(STEPS * STRENGTH) :]

    image = (torch.arange(64 * 64 * 3) * 7 % 256).reshape(64, 64, 3).permute(2, 0, 1)[None].float() / 255 * 2 - 1
    mask = torch.zeros(1, 1, 64, 64)
    mask[:, :, 16:48, 24:64] = 1
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    size = (64 // scale, 64 // scale)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(1, 4, *size, generator=generator)

    def encode(picture):
        distribution = vae.encode(picture).latent_dist
        return (distribution.mean + distribution.std * torch.randn(1, 4, *size, generator=generator)) * vae.config.scaling_factor

    original = encode(image)
    masked = encode(image * (mask < 0.5))
    small = torch.nn.functional.interpolate(mask, size=size)
    latents = scheduler.add_noise(original, noise, timesteps[:1])
    beside = torch.cat([torch.cat([small, masked], dim=1)] * 2)
    for timestep in timesteps:
        empty, wanted = unet(torch.cat([torch.cat([latents] * 2), beside], dim=1), timestep, context).sample.chunk(2)
        latents = scheduler.step(empty + CFG * (wanted - empty), timestep, latents).prev_sample
    values = dict(seed=SEED, steps=STEPS, strength=STRENGTH, cfg=CFG, scale=scale)
    lists = dict(channels=beside[0].flatten().tolist(), latents=latents.flatten().tolist())
    versions = {module.__name__: module.__version__ for module in (torch, diffusers)}
    rounded = {name: [round(value, 6) for value in values] for name, values in lists.items()}
    (HERE / "nine-channels.json").write_text(json.dumps(values | rounded | dict(versions=versions)) + "\n")


if __name__ == "__main__":
    main()
