"""Whole pictures by diffusers, for comparison with ours: every sampler that both programs have, from the same noise.

    python make.py FOLDER [--name N] [--size 256 256] [--steps 8] [--cfg 5] [--prompts "a" "b" …] [--samplers …]
        for example: python make.py ../../../configs/models/crayon
    python make.py --miniatures          sd1 and sd2 of ../miniatures, 64×64

writes N/SAMPLER.png (the prompts' pictures side by side, seeds SEED, SEED+1, …) and N.json (everything that determines them).

The schedulers are diffusers'; what InvokeAI 2.3 does differently from today's StableDiffusionPipeline is done here, too:

* the first latents are `add_noise(0, noise, t₀)`, that is noise·√(1−ᾱ) for the samplers that keep the variance;
* the k-samplers' timesteps are linspace(0, 999, n) with fractions, also for models whose configuration says "leading";
* k_dpmpp_2 ends at timestep 0, not at σ = 0 (`final_sigmas_type`), with a first-order last step below 15 steps;
* k_dpm_2_a draws noise at both calls of a step and drops the first (diffusers 0.16.1 does, newer ones do not).

One difference is our own (docs/differences.md): plms mixes noise predictions also when the model predicts v.

Noise: torch's CPU generator, seeded once per picture; the samplers that add noise draw from it after the first latents.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import diffusers
import torch
import transformers
from PIL import Image

torch.set_num_threads(1)  # networks this small lose by more

HERE = Path(__file__).parent
SEED = 1000
K = dict(timestep_spacing="linspace")
SCHEDULERS = {
    "ddim": (diffusers.DDIMScheduler, dict(clip_sample=False)),
    "plms": (diffusers.PNDMScheduler, dict(skip_prk_steps=True)),
    "k_lms": (diffusers.LMSDiscreteScheduler, K),
    "k_euler": (diffusers.EulerDiscreteScheduler, K),
    "k_euler_a": (diffusers.EulerAncestralDiscreteScheduler, K),
    "k_heun": (diffusers.HeunDiscreteScheduler, K),
    "k_dpm_2": (diffusers.KDPM2DiscreteScheduler, K),
    "k_dpm_2_a": (diffusers.KDPM2AncestralDiscreteScheduler, K),
    "k_dpmpp_2": (
        diffusers.DPMSolverMultistepScheduler,
        K | dict(algorithm_type="dpmsolver++", solver_type="midpoint", lower_order_final=True, final_sigmas_type="sigma_min"),
    ),
    "k_dpmpp_2m_sde": (diffusers.DPMSolverMultistepScheduler, K | dict(algorithm_type="sde-dpmsolver++", solver_type="midpoint")),
    "unipc": (diffusers.UniPCMultistepScheduler, K | dict(solver_order=2, solver_type="bh2")),
    "lcm": (diffusers.LCMScheduler, dict(clip_sample=False)),
}
# For the model that ships.
PROMPTS = [
    "a red star on a yellow background",
    "a blue fish over the sea",
    "a yellow moon in the night sky with stars",
    "a red star above a green house",
    "two pink hearts on a blue background",
]
# These add noise to latents of growing variance: x = x₀ + σ·noise.
GROWING = {"k_lms", "k_euler", "k_euler_a", "k_heun", "k_dpm_2", "k_dpm_2_a"}


class Model:
    def __init__(self, folder):
        self.text = transformers.CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
        self.unet = diffusers.UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).eval()
        self.vae = diffusers.AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval()
        self.tokenizer = transformers.CLIPTokenizer.from_pretrained(folder / "tokenizer")
        self.schedule = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())

    def tokens(self, prompts):
        return self.tokenizer(prompts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids

    def scheduler(self, sampler):
        kind, own = SCHEDULERS[sampler]
        converted = dict(prediction_type="epsilon") if sampler == "plms" else {}
        return kind.from_config(self.schedule | own | converted)

    def sample(self, sampler, context, latents, steps, cfg, generators):
        """All pictures at once; every picture has a generator of its own, which diffusers accepts as a list."""
        scheduler = self.scheduler(sampler)
        scheduler.set_timesteps(steps)
        first = scheduler.sigmas.max() if sampler in GROWING else (1 - scheduler.alphas_cumprod[scheduler.timesteps[0].long()]) ** 0.5
        return self.walk(sampler, scheduler, scheduler.timesteps, context, latents * first, cfg, generators), scheduler

    def walk(self, sampler, scheduler, timesteps, context, latents, cfg, generators):
        """From latents at the first of these timesteps to latents for the VAE."""
        draws = dict(generator=generators) if "generator" in scheduler.step.__code__.co_varnames else {}
        for timestep in timesteps:
            scaled = scheduler.scale_model_input(latents, timestep)
            # Guidance 1 asks the conditional pass alone, as our program does.
            if cfg == 1:
                prediction = self.unet(scaled, timestep, context[len(latents) :]).sample
            else:
                empty, wanted = self.unet(torch.cat([scaled] * 2), timestep, context).sample.chunk(2)
                prediction = empty + cfg * (wanted - empty)
            if sampler == "plms" and self.schedule.get("prediction_type") == "v_prediction":
                kept = scheduler.alphas_cumprod[timestep]
                prediction = kept**0.5 * prediction + (1 - kept) ** 0.5 * latents
            if sampler == "k_dpm_2_a" and scheduler.state_in_first_order:
                for generator in generators:
                    torch.randn(latents[:1].shape, generator=generator)
            latents = scheduler.step(prediction, timestep, latents, **draws).prev_sample
        return latents

    def decode(self, latents):
        pixels = self.vae.decode(latents / self.vae.config.scaling_factor).sample
        return ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1)


def recordable(config):
    """What JSON can hold of a scheduler's configuration; `lambda_min_clipped` is −∞."""
    values = {key: value for key, value in config.items() if not key.startswith("_") and key != "trained_betas"}
    return {key: value for key, value in values.items() if not isinstance(value, float) or math.isfinite(value)}


@torch.no_grad()
def make(folder, name, prompts, *, width, height, steps, cfg, only):
    model = Model(folder)
    out = HERE / name
    out.mkdir(exist_ok=True)
    tokens = model.tokens([""] * len(prompts) + prompts)
    context = model.text(tokens).last_hidden_state
    settings_file = HERE / f"{name}.json"
    samplers = json.loads(settings_file.read_text())["samplers"] if only else {}
    for sampler in only or SCHEDULERS:
        seeds = [SEED + index for index in range(len(prompts))]
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        latents = torch.cat([torch.randn(1, 4, height // 8, width // 8, generator=generator) for generator in generators])
        latents, scheduler = model.sample(sampler, context, latents, steps, cfg, generators)
        pictures = model.decode(latents)
        Image.fromarray(torch.cat(list(pictures), 1).numpy()).save(out / f"{sampler}.png", optimize=True)
        samplers[sampler] = dict(
            scheduler=type(scheduler).__name__,
            config=recordable(scheduler.config),
            timesteps=[round(float(t), 6) for t in scheduler.timesteps],
        )
        print(f"{name} {sampler:15} latents std {latents.std():.3f}, pixels std {pictures.float().std():.1f}", flush=True)
    settings = dict(
        prompts=[
            dict(prompt=prompt, seed=SEED + index, tokens=row[: row.index(model.tokenizer.eos_token_id) + 1])
            for index, (prompt, row) in enumerate(zip(prompts, tokens[len(prompts) :].tolist()))
        ],
        negative="",
        width=width,
        height=height,
        steps=steps,
        cfg=cfg,
        samplers=samplers,
        versions={module.__name__: module.__version__ for module in (torch, diffusers, transformers)},
    )
    settings_file.write_text(json.dumps(settings, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--miniatures", action="store_true")
    parser.add_argument("--name")
    parser.add_argument("--size", type=int, nargs=2, default=(256, 256), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--prompts", nargs="+", metavar="PROMPT")
    parser.add_argument("--samplers", nargs="+", choices=list(SCHEDULERS), help="make these again and keep the others")
    given = parser.parse_args()
    if given.miniatures:
        for name in ("sd1", "sd2"):
            prompts = given.prompts or ["the red cat and the dog", "a blue house on the tree"]
            make(HERE.parent / "miniatures" / name, name, prompts, width=64, height=64, steps=6, cfg=2.0, only=given.samplers)
    elif given.folder:
        size = dict(width=given.size[0], height=given.size[1])
        make(given.folder, given.name or given.folder.resolve().name, given.prompts or PROMPTS, **size, steps=given.steps, cfg=given.cfg, only=given.samplers)
    else:
        sys.exit("give a model folder, or --miniatures")


if __name__ == "__main__":
    main()
