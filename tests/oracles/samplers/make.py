"""Runs reference samplers over a stand-in model and writes what they do, one JSON file for each library.

    pip install torch numpy scipy diffusers==0.42.1 && python make.py
    pip install torch numpy scipy diffusers==0.16.1 huggingface_hub==0.14.1 && python make.py     (another environment: InvokeAI 2.3's)
    pip install --no-deps k-diffusion==0.1.1 && python make.py                                    (either one, for k-diffusion.json)

A case is a request as lib/samplers/plan.ts takes it (sampler, steps, strength, karras, changed fields of the scheduler configuration)
and what the reference answered: `asked` = for each evaluation of the model the timestep and the first two values of the scaled
input; `final` = the latents behind the last step. The stand-in model is out(x, t) = tanh(x/2) + sin(t/100)/10, taken as epsilon or
as v. There are 16 latents. Start: the reference's add_noise of the first 16 normals of torch's CPU generator with seed 42 to zeros,
or to linspace(-1, 1, 16) where a strength is given. Ancestral noise continues the same generator.
"""

import importlib.util
import json
import pathlib
import sys
import types

import diffusers
import numpy
import torch

HERE = pathlib.Path(__file__).parent
COUNT = 16
SHAPE = (1, 4, 2, 2)
MODERN = tuple(int(part) for part in diffusers.__version__.split(".")[:2]) > (0, 16)

# The fields of our SchedulerConfig and their names in diffusers.
NAMES = {
    "predictionType": "prediction_type",
    "betaSchedule": "beta_schedule",
    "betaStart": "beta_start",
    "betaEnd": "beta_end",
    "trainedBetas": "trained_betas",
    "timestepSpacing": "timestep_spacing",
    "setAlphaToOne": "set_alpha_to_one",
    "stepsOffset": "steps_offset",
    "clipSample": "clip_sample",
    "rescaleBetasZeroSnr": "rescale_betas_zero_snr",
}
BASE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
LEADING = {"set_alpha_to_one": False, "steps_offset": 1}

# sampler -> (class, its settings in every case); timestep_spacing is named so that later defaults of diffusers change nothing.
K = {"timestep_spacing": "linspace"} if MODERN else {}
SCHEDULERS = {
    "ddim": ("DDIMScheduler", {**LEADING, "clip_sample": False}),
    "plms": ("PNDMScheduler", {**LEADING, "skip_prk_steps": True}),
    "k_lms": ("LMSDiscreteScheduler", K),
    "k_euler": ("EulerDiscreteScheduler", K),
    "k_euler_a": ("EulerAncestralDiscreteScheduler", K),
    "k_heun": ("HeunDiscreteScheduler", K),
    "k_dpm_2": ("KDPM2DiscreteScheduler", K),
    "k_dpm_2_a": ("KDPM2AncestralDiscreteScheduler", K),
    "k_dpmpp_2": ("DPMSolverMultistepScheduler", {**K, "final_sigmas_type": "sigma_min"} if MODERN else {}),
    "k_dpmpp_2m_sde": ("DPMSolverMultistepScheduler", {**K, "algorithm_type": "sde-dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", K),
    "lcm": ("LCMScheduler", {"set_alpha_to_one": False}),
}

V = {"predictionType": "v_prediction"}
TRAILING = {"timestepSpacing": "trailing"}
ZERO_SNR = {**V, **TRAILING, "rescaleBetasZeroSnr": True}
COSINE = {"betaSchedule": "squaredcos_cap_v2"}
LINEAR = {"betaSchedule": "linear", "betaStart": 0.0001, "betaEnd": 0.02}
# Without the dpm_2 pair, whose Karras timesteps diffusers rounds; k-diffusion answers for those below.
KARRAS_SAMPLERS = ("k_euler", "k_heun", "k_lms", "k_dpmpp_2", "k_dpmpp_2m_sde", "unipc")


def case(sampler, steps, strength=None, karras=False, **scheduler):
    return {"sampler": sampler, "steps": steps, "strength": strength, "karras": karras, "scheduler": scheduler}


def modern_cases():
    for sampler in SCHEDULERS:
        yield case(sampler, 4)
        yield case(sampler, 10)
        yield case(sampler, 23)
        yield case(sampler, 10, strength=0.7)
        if sampler != "k_dpm_2_a":  # the reference loses digits in sigma_down where sigmas fall steeply
            yield case(sampler, 10, **LINEAR)
        if sampler != "plms":  # see docs/differences.md: diffusers mixes the v of several levels, we mix their noises
            yield case(sampler, 10, **V)
    for sampler in KARRAS_SAMPLERS:
        yield case(sampler, 9, karras=True)
        yield case(sampler, 9, strength=0.5, karras=True, **V)
    for sampler in ("ddim", "k_euler", "k_euler_a", "k_dpmpp_2m_sde", "unipc"):
        yield case(sampler, 8, **ZERO_SNR)
        yield case(sampler, 10, **COSINE)
    yield case("lcm", 4, **V, rescaleBetasZeroSnr=True)
    yield case("k_euler", 1, **TRAILING)
    yield case("k_heun", 6, **TRAILING)
    yield case("ddim", 10, setAlphaToOne=True)
    yield case("ddim", 10, stepsOffset=0)
    yield case("ddim", 10, clipSample=True)
    yield case("lcm", 4, clipSample=True)
    yield case("ddim", 20, trainedBetas=[round(0.0001 + 0.00002 * i, 7) for i in range(100)], trainTimesteps=100)


def old_cases():
    """InvokeAI 2.3 ran these; the partial starts carry its quirks."""
    for sampler in ("ddim", "plms", "k_lms", "k_euler", "k_euler_a", "k_heun", "k_dpm_2", "k_dpm_2_a", "k_dpmpp_2"):
        for steps in (1, 2, 3, 6, 15, 50):
            if (sampler, steps) != ("k_dpm_2_a", 2):  # digits of sigma_down lost again: t = 0.0096 for 0
                yield case(sampler, steps)
        for steps, strength in ((10, 0.05), (10, 0.99), (12, 0.75), (20, 0.4), (50, 0.58)):
            yield case(sampler, steps, strength)
        if sampler != "plms":
            yield case(sampler, 10, **V)


def out(x, t):
    return torch.tanh(0.5 * x) + 0.1 * torch.sin(torch.as_tensor(float(t) / 100.0, dtype=torch.float64)).to(x.dtype)


class Model:
    """The stand-in model; remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, x, t):
        self.asked.append([short(t), *(short(value) for value in x.flatten()[:2])])
        return out(x, t)


def short(value):
    return float(f"{float(value):.7g}")


def build(request):
    name, settings = SCHEDULERS[request["sampler"]]
    settings = {**BASE, **settings}
    for field, value in request["scheduler"].items():
        if field == "trainTimesteps":
            settings["num_train_timesteps"] = value
        else:
            settings[NAMES[field]] = value
    if request["karras"]:
        settings["use_karras_sigmas"] = True
        settings.pop("final_sigmas_type", None)  # k_dpmpp_2 ends at the picture with Karras spacing
    scheduler = getattr(diffusers, name)(**settings)
    missing = [key for key in settings if key not in scheduler.config]
    assert not missing, f"{name} does not know {missing}"
    return scheduler


def run(request):
    scheduler = build(request)
    steps, strength = request["steps"], request["strength"]
    generator = torch.Generator().manual_seed(42)
    noise = torch.randn(SHAPE, generator=generator)
    scheduler.set_timesteps(steps)
    begin = 0
    init = torch.zeros(SHAPE)
    if strength is not None:
        begin = (steps - min(int(steps * strength), steps)) * scheduler.order
        init = torch.linspace(-1, 1, COUNT).reshape(SHAPE)
    timesteps = scheduler.timesteps[begin:]
    if len(timesteps) == 0:
        begin = len(scheduler.timesteps) - 1
        timesteps = scheduler.timesteps[-1:]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    x = scheduler.add_noise(init, noise, timesteps[:1])
    model = Model()
    takes_generator = "generator" in scheduler.step.__code__.co_varnames[: scheduler.step.__code__.co_argcount]
    for t in timesteps:
        output = model(scheduler.scale_model_input(x, t), t)
        if MODERN and request["sampler"] == "k_dpm_2_a" and scheduler.state_in_first_order:
            torch.randn(SHAPE, generator=generator)  # InvokeAI 2.3's diffusers drew here and dropped it; so do we
        extra = {"generator": generator} if takes_generator else {}
        x = scheduler.step(output, t, x, **extra).prev_sample
    return answer(request, model, x)


def answer(request, model, x):
    kept = {key: value for key, value in request.items() if value not in (None, False, {})}
    return {**kept, "asked": model.asked, "final": [short(value) for value in x.flatten()]}


def load_k_diffusion():
    """Only sampling.py: the package's own __init__ pulls in training code."""
    found = importlib.util.find_spec("k_diffusion")
    if found is None:
        return None
    folder = pathlib.Path(found.submodule_search_locations[0])
    package = types.ModuleType("k_diffusion")
    package.__path__ = [str(folder)]
    sys.modules["k_diffusion"] = package
    for unused in ("torchdiffeq", "torchsde"):
        sys.modules[unused] = types.ModuleType(unused)
    sys.modules["torchdiffeq"].odeint = None
    sys.modules["k_diffusion.utils"] = types.ModuleType("k_diffusion.utils")
    sys.modules["k_diffusion.utils"].append_dims = lambda value, dims: value[(...,) + (None,) * (dims - value.ndim)]
    spec = importlib.util.spec_from_file_location("k_diffusion.sampling", folder / "sampling.py")
    sampling = importlib.util.module_from_spec(spec)
    package.utils = sys.modules["k_diffusion.utils"]
    spec.loader.exec_module(sampling)
    return sampling


def k_diffusion_cases():
    for sampler in ("k_dpmpp_2_a", "k_dpmpp_sde", "k_euler", "k_euler_a", "k_heun", "k_dpm_2", "k_dpm_2_a"):
        yield case(sampler, 4)
        yield case(sampler, 15)
        yield case(sampler, 10, strength=0.7)
        yield case(sampler, 10, **V)
        yield case(sampler, 9, karras=True)


def run_k_diffusion(sampling, request):
    function = {
        "k_dpmpp_2_a": sampling.sample_dpmpp_2s_ancestral,
        "k_dpmpp_sde": sampling.sample_dpmpp_sde,
        "k_euler": sampling.sample_euler,
        "k_euler_a": sampling.sample_euler_ancestral,
        "k_heun": sampling.sample_heun,
        "k_dpm_2": sampling.sample_dpm_2,
        "k_dpm_2_a": sampling.sample_dpm_2_ancestral,
    }[request["sampler"]]
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float32) ** 2
    products = torch.cumprod(1 - betas, dim=0).numpy().astype(numpy.float64)
    table = ((1 - products) / products) ** 0.5

    def timestep(sigma):
        return numpy.interp(numpy.log(float(sigma)), numpy.log(table), numpy.arange(len(table)))

    steps, strength = request["steps"], request["strength"]
    if request["karras"]:
        sigmas = sampling.get_sigmas_karras(steps, table[0], table[-1])
    else:
        levels = numpy.interp(numpy.linspace(999, 0, steps), numpy.arange(len(table)), table)
        sigmas = torch.tensor([*levels, 0.0], dtype=torch.float32)
    generator = torch.Generator().manual_seed(42)
    x = torch.randn(SHAPE, generator=generator)
    init = torch.zeros(SHAPE)
    if strength is not None:
        sigmas = sigmas[steps - int(steps * strength) :]
        init = torch.linspace(-1, 1, COUNT).reshape(SHAPE)
    x = init + x * sigmas[0]
    model = Model()

    def denoiser(x, sigma):
        sigma = sigma[0]
        scale = (sigma**2 + 1) ** 0.5
        output = model(x / scale, timestep(sigma))
        if request["scheduler"].get("predictionType") == "v_prediction":
            return x / scale**2 - output * sigma / scale
        return x - output * sigma

    def noise_sampler(sigma, sigma_next):
        if request["sampler"] == "k_dpm_2_a":
            torch.randn(SHAPE, generator=generator)  # see run()
        return torch.randn(SHAPE, generator=generator)

    extra = {"noise_sampler": noise_sampler} if "noise_sampler" in function.__wrapped__.__code__.co_varnames else {}
    return answer(request, model, function(denoiser, x, sigmas, disable=True, **extra))


def write(name, versions, cases):
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases)
    text = f'{{"versions":{json.dumps(versions)},\n"cases":[\n{lines}\n]}}\n'
    (HERE / name).write_text(text)
    print(name, len(cases), "cases", len(text), "bytes")


def main():
    versions = {"torch": torch.__version__.split("+")[0], "numpy": numpy.__version__}
    cases = modern_cases() if MODERN else old_cases()
    write(f"diffusers-{diffusers.__version__}.json", {**versions, "diffusers": diffusers.__version__}, [run(each) for each in cases])
    sampling = load_k_diffusion()
    if sampling is not None:
        answers = [run_k_diffusion(sampling, each) for each in k_diffusion_cases()]
        write("k-diffusion-0.1.1.json", {**versions, "k-diffusion": "0.1.1"}, answers)


if __name__ == "__main__":
    main()
