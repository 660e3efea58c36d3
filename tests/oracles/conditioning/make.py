"""What compel makes of weighted prompts on the embedded model: cases.json, one prompt a line.

Usage: pip install --no-deps compel==2.5.1; python make.py ../../../configs/models/crayon

`prompt` is given to this program as it stands; compel gets its halves apart. `positive` and `negative` hold the windows of the embedding, the
sum of the absolute values, and eight values spread over it (every `length // 8`th from the third on). Down-weighting masks tokens
out, as in compel 1.1.5 and InvokeAI 2.3; the arithmetic of both versions is the same, but only the newer one loads beside a current
transformers. `removed` is the variant without a mask. Long prompts are cut at 75 tokens, not at sentences.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import torch
from compel import Compel, DownweightMode
from compel.compel import SplitLongTextMode
from transformers import CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).parent
LONG = ", ".join(f"a {colour} {thing}" for colour in ["red", "blue", "green", "pink"] for thing in
                 ["star", "house", "moon", "fish", "tree", "flower", "cloud", "heart"])
CASES = [
    ("a red star above a green house", {}),
    ("", {}),
    ("a (red)1.5 star", {}),
    ("a red+ star above a green++ house", {}),
    ("a red- star", {}),
    ("a (red)0.5 star above a (green)0.2 house", {}),
    ("a (red)0 star", {}),
    ("a ((red)1.2 star)1.3 above a house", {}),
    ("a ((red)0.5 star)1.4 above a (house)0.9", {}),
    ("a (big (red)1.1 star)- above a green house---", {}),
    ('("a red star", "a green house").blend(0.5, 0.5)', {}),
    ('("a red star", "a green house").blend(3, 1)', {}),
    ('("a red star", "a green house").blend(1, -0.4)', {}),
    ('("a red star", "a green house").blend(0.6, 0.8, no_normalize)', {}),
    ('("a (red)1.5 star", "a (green)0.3 house", "a moon").blend(1, 2, 3)', {}),
    ("a yellow moon [a blue fish]", {}),
    ("a yellow moon [a (blue)1.4 fish, a (tree)0.6]", {}),
    ("a yellow (moon)1.2 [(clouds)0.7]", {}),
    ('("a red star", "a green house").and()', {}),
    ('("a red star", "a green house").and(0.5, 1.5)', {}),
    ('("a (red)0.4 star", "a (green)1.3 house", "a moon").and(1, 0.7, 1.1) [a fish]', {}),
    ("a red star", {"clipSkip": 1}),
    ("a (red)1.5 star above a (green)0.5 house [a fish]", {"clipSkip": 1}),
    (LONG, {}),
    (f"{LONG}, (a red heart)0.3", {}),
    (LONG, {"longPrompts": True}),
    (f"a (blue)0.5 fish, {LONG} [a (grey)1.3 cat]", {"longPrompts": True}),
    (f"({LONG})0.6, (a heart)1.5", {"longPrompts": True}),
    ("a (red)0.5 star above a (green)0.2 house", {"removed": True}),
    ("a ((red)0.5 star)1.4 above a (house)0.9", {"removed": True}),
]


class Penultimate(torch.nn.Module):
    """The text encoder without its last layers, seen from outside like the whole one."""

    def __init__(self, model, skipped):
        super().__init__()
        self.model, self.skipped = model, skipped

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.model, name)

    def forward(self, ids, mask=None, **_):
        output = self.model(ids, mask, output_hidden_states=True, return_dict=True)
        norm = getattr(self.model, "text_model", self.model).final_layer_norm
        output.last_hidden_state = norm(output.hidden_states[-1 - self.skipped])
        return output


def summary(embedding):
    values = embedding.flatten()
    step = len(values) // 8
    return {
        "windows": embedding.shape[1] // 77,
        "absoluteSum": float(values.abs().double().sum()),
        "values": [float(value) for value in values[2::step][:8]],
    }


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    tokenizer = CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer")
    model = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder").float().eval()
    lines = []
    for prompt, settings in CASES:
        def compel(skipped):
            return Compel(
                tokenizer=tokenizer,
                text_encoder=Penultimate(model, skipped),
                truncate_long_prompts=not settings.get("longPrompts", False),
                split_long_text_mode=SplitLongTextMode.BRUTAL,
                downweight_mode=DownweightMode.REMOVE if settings.get("removed") else DownweightMode.MASK,
                device="cpu",
            )

        positive, _, rest = prompt.partition("[")
        wanted = compel(settings.get("clipSkip", 0))
        unwanted = compel(0)
        conditionings = [wanted.build_conditioning_tensor(positive), unwanted.build_conditioning_tensor(rest.rstrip("]"))]
        lengths = [conditioning.shape[1] for conditioning in conditionings]
        for index, encoder in enumerate([wanted, unwanted]):
            missing = (max(lengths) - lengths[index]) // 77
            empty = encoder.conditioning_provider.empty_z
            conditionings[index] = torch.cat([conditionings[index], *[empty] * missing], 1)
        lines.append({"prompt": prompt, **settings, "positive": summary(conditionings[0]), "negative": summary(conditionings[1])})
    versions = {name: version(name) for name in ["compel", "torch", "transformers"]}
    body = ",\n".join(json.dumps(line) for line in lines)
    (HERE / "cases.json").write_text(f'{{"versions": {json.dumps(versions)}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
