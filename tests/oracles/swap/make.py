"""Cross-attention control as InvokeAI 2.2 does it, over diffusers' U-Net: values.json.

    python make.py

The U-Net of the miniature sd1 with attention processors of our own that write every map down: a pass with the original prompt saves maps, a
pass with the edited one over the same latents uses them. Maps of self-attention are taken whole; of a map of cross-attention the columns of
the tokens that the edit left alone, moved to where the edited prompt has them. Fragments are turned into tokens one by one; begin and end
of the text count as left alone, the padding does not.

`single`: what one call predicts for the edited prompt (not guided), for each choice of maps.
`runs`: whole runs of DDIM with guidance: which maps are used is decided by the share of the steps that are done; where none are, the
original prompt is drawn.
"""

import json
from pathlib import Path

import diffusers
import torch
import transformers

HERE = Path(__file__).parent
MODEL = HERE.parent / "miniatures" / "sd1"
STEPS = 5
CFG = 4.0
SIZE = 8
TIMESTEP = 601
# Text left alone, or a pair (original, edited).
PROMPTS = {
    "a (circle).swap(star) above a house": ["a", ("circle", "star"), "above a house"],
    "(a small red circle).swap(star) above": [("a small red circle", "star"), "above"],
    "a cat.swap(dog) and a house.swap(very old ship) there": ["a", ("cat", "dog"), "and a", ("house", "very old ship"), "there"],
}
WINDOWS = [
    dict(s_start=0, s_end=0.2063, t_start=0, t_end=1),
    dict(s_start=0, s_end=0, t_start=0.3, t_end=1),
    dict(s_start=0.2, s_end=0.8, t_start=0, t_end=0.6),
    dict(s_start=0, s_end=0.5, t_start=1, t_end=1),
]


class Maps:
    """What the processors of one U-Net do now, and what they saved."""

    def __init__(self):
        self.saving = self.using = ()
        self.saved = {}
        self.mask = self.indices = None


class Writer:
    """Attention with its map written down."""

    def __init__(self, name, maps):
        self.name, self.kind, self.maps = name, "self" if "attn1" in name else "tokens", maps

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, **_):
        maps = self.maps
        source = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            attn.head_to_batch_dim(to(x)) for to, x in ((attn.to_q, hidden_states), (attn.to_k, source), (attn.to_v, source))
        )
        probabilities = attn.get_attention_scores(query, key)
        if self.kind in maps.saving:
            maps.saved[self.name] = probabilities
        if self.kind in maps.using:
            base = maps.saved[self.name]
            if self.kind == "tokens":
                base = base.index_select(-1, maps.indices)
                probabilities = base * maps.mask + probabilities * (1 - maps.mask)
            else:
                probabilities = base
        mixed = attn.batch_to_head_dim(torch.bmm(probabilities, value))
        return attn.to_out[0](mixed)


class Model:
    def __init__(self):
        self.tokenizer = transformers.CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
        self.text = transformers.CLIPTextModel.from_pretrained(MODEL / "text_encoder", dtype=torch.float32).eval()
        self.unet = diffusers.UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32).eval()
        self.maps = Maps()
        self.unet.set_attn_processor({name: Writer(name, self.maps) for name in self.unet.attn_processors})

    def encode(self, texts):
        """Each text is turned into tokens by itself."""
        ids = [i for text in texts for i in self.tokenizer(text, add_special_tokens=False).input_ids]
        framed = [self.tokenizer.bos_token_id, *ids, self.tokenizer.eos_token_id]
        framed += [self.tokenizer.pad_token_id] * (77 - len(framed))
        return self.text(torch.tensor([framed])).last_hidden_state

    def align(self, fragments):
        """Mask and indices from opcodes: (name, from, to in the original, from, to in the edited)."""
        count = lambda text: len(self.tokenizer(text, add_special_tokens=False).input_ids)  # noqa: E731
        opcodes, a, b = [("equal", 0, 1, 0, 1)], 1, 1
        for fragment in fragments:
            original, edited = fragment if isinstance(fragment, tuple) else (fragment, fragment)
            na, nb = count(original), count(edited)
            opcodes.append(("replace" if isinstance(fragment, tuple) else "equal", a, a + na, b, b + nb))
            a, b = a + na, b + nb
        opcodes.append(("equal", a, a + 1, b, b + 1))
        self.maps.mask, self.maps.indices = torch.zeros(77), torch.arange(77)
        for name, a0, a1, b0, b1 in opcodes:
            if name == "equal":
                self.maps.mask[b0:b1] = 1
                self.maps.indices[b0:b1] = torch.arange(a0, a1)

    def __call__(self, latents, timestep, context, saving=(), using=()):
        self.maps.saving, self.maps.using = saving, using
        return self.unet(latents, timestep, context).sample

    def swapped(self, latents, timestep, original, edited, kinds):
        self(latents, timestep, original, saving=kinds)
        return self(latents, timestep, edited, using=kinds)


def active(window, share):
    kinds = {"self": "s", "tokens": "t"}
    return tuple(kind for kind, letter in kinds.items() if window[f"{letter}_start"] <= share < window[f"{letter}_end"])


def run(model, start, negative, original, edited, window):
    scheduler = diffusers.DDIMScheduler.from_pretrained(MODEL / "scheduler", clip_sample=False)
    scheduler.set_timesteps(STEPS)
    latents = start * (1 - scheduler.alphas_cumprod[scheduler.timesteps[0]]) ** 0.5
    for index, timestep in enumerate(scheduler.timesteps):
        kinds = active(window, index / STEPS)
        unguided = model(latents, timestep, negative)
        guided = model.swapped(latents, timestep, original, edited, kinds) if kinds else model(latents, timestep, original)
        latents = scheduler.step(unguided + CFG * (guided - unguided), timestep, latents).prev_sample
    return latents


def values(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    model = Model()
    generator = torch.Generator().manual_seed(11)
    start = torch.randn(1, 4, SIZE, SIZE, generator=generator)
    negative = model.encode([""])
    steps, runs = [], []
    for prompt, fragments in PROMPTS.items():
        original, edited = (
            model.encode([f[side] if isinstance(f, tuple) else f for f in fragments]) for side in (0, 1)
        )
        model.align(fragments)
        plain = model(start, TIMESTEP, edited)
        for kinds in (("self",), ("tokens",), ("self", "tokens")):
            predicted = model.swapped(start, TIMESTEP, original, edited, kinds)
            print(prompt, kinds, f"differs from the plain edited one by {(predicted - plain).abs().max():.2e}")
            steps.append({"prompt": prompt, "maps": kinds, "predicted": values(predicted)})
        for window in WINDOWS if prompt == next(iter(PROMPTS)) else WINDOWS[:1]:
            latents = run(model, start, negative, original, edited, window)
            runs.append({"prompt": prompt, "window": window, "latents": values(latents)})
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers)}
    settings = dict(steps=STEPS, cfg=CFG, size=SIZE, timestep=TIMESTEP, start=values(start))
    parts = [f'"settings": {json.dumps(settings)}']
    for key, part in (("single", steps), ("runs", runs)):
        lines = ",\n".join(json.dumps(one) for one in part)
        parts.append(f'"{key}": [\n{lines}\n]')
    (HERE / "values.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    (HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
