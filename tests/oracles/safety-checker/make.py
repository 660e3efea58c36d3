"""Reference values of the NSFW checker: diffusers' StableDiffusionSafetyChecker on random weights, and its threshold arithmetic.

    diffusers/safety_checker/       config.json and model.safetensors (fp16) in the keys of the published file
    diffusers/feature_extractor/    preprocessor_config.json of the published model
    onnx/                           the same as diffusers exports it (clip_input, images -> out_images, has_nsfw_concepts)
    a.png, b.png                    pictures: a is flagged, by a concept that only counts because a special-care concept came first; b is not
    values.safetensors              pixels.NAME: every 16th pixel of what CLIPImageProcessor makes, [3, 14, 14]; embeds.NAME: [1, 16]
    thresholds.json                 scores around the thresholds, and what follows: InvokeAI 2.3's arithmetic, which is numpy 1's
                                    (float32 scalar - Python float = float64, numpy's rounding)
    blurred-a.png, blurred-c.png    a.png, and c.png (a few pixels wide), after Pillow's GaussianBlur of radius 32 and 2.5

The weights are rounded as stored, the arithmetic is fp32. Versions stand in the metadata of values.safetensors.

Usage: python make.py
"""

import json
import random
from pathlib import Path

import numpy as np
import PIL
import torch
import transformers
import diffusers
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker, cosine_distance
from PIL import Image, ImageFilter
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessorPil

HERE = Path(__file__).parent
VISION = dict(hidden_size=8, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2, patch_size=28, image_size=224, hidden_act="quick_gelu")
PREPROCESSOR = {
    "crop_size": 224,
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": 224,
}


def picture(width, height, seed):
    """Soft colours with some sharp lines."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x * generator.uniform(0.02, 0.3) + y * generator.uniform(0.02, 0.3) + phase) for phase in (0, 2, 4)]
    rgb = np.stack([(wave * 110 + 128) for wave in waves], -1)
    rgb[height // 3 : height // 3 + 4] = 255
    rgb[:, width // 2 : width // 2 + 3] = 0
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def weights(model):
    generator = torch.Generator().manual_seed(2)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            values = torch.randn(parameter.shape, generator=generator) * (2 / parameter.shape[-1]) ** 0.5
        else:
            values = torch.rand(parameter.shape, generator=generator) * 0.4 + ("norm" in name and name.endswith("weight")) * 0.8
        parameter.data.copy_(values.half().float())


def choose_thresholds(model, a, b):
    """So that a is flagged by one concept alone, which counts because of one special-care concept, and b by none."""
    cosines = [[cosine_distance(embeds, table)[0] for table in (model.special_care_embeds, model.concept_embeds)] for embeds in (a, b)]
    (special_a, concepts_a), (special_b, concepts_b) = cosines
    special = torch.maximum(special_a, special_b) + 0.1
    concepts = torch.maximum(concepts_a, concepts_b) + 0.1
    first = int((special_a - special_b).argmax())
    second = int((concepts_a - concepts_b).argmax())
    special[first] = special_a[first] - 0.004
    concepts[second] = concepts_a[second] + 0.006
    assert special_b[first] < special[first] - 0.05 and concepts_b[second] < concepts[second] - 0.05
    model.special_care_embeds_weights.data.copy_(special)
    model.concept_embeds_weights.data.copy_(concepts)


def published_names(state):
    """transformers 5 left out one level of names."""
    return {("vision_model." + key if key.startswith("vision_model.") else key): value for key, value in state.items()}


def judge(special, special_thresholds, concepts, thresholds):
    adjustment = 0.0
    for cosine, threshold in zip(special, special_thresholds):
        if np.round(np.float64(cosine) - threshold + adjustment, 3) > 0:
            adjustment = 0.01
    scores = [np.round(np.float64(cosine) - threshold + adjustment, 3) for cosine, threshold in zip(concepts, thresholds)]
    return [index for index, score in enumerate(scores) if score > 0]


def threshold_cases():
    generator = random.Random(7)
    f32 = lambda value: float(np.float32(value))
    cases = []
    around = [-0.0106, -0.0105, -0.0104, -0.0096, -0.0095, -0.0094, -0.001, -0.0005, 0.0, 0.0004, 0.0005, 0.0006, 0.001, 0.002]
    for _ in range(60):
        special_thresholds = [f32(generator.uniform(0.15, 0.25)) for _ in range(3)]
        thresholds = [f32(generator.uniform(0.15, 0.25)) for _ in range(5)]
        quiet = generator.random() < 0.5
        special = [f32(value + (-0.05 if quiet else generator.choice(around))) for value in special_thresholds]
        concepts = [f32(value + generator.choice(around) - generator.choice([0, 0.02])) for value in thresholds]
        cases.append([special, special_thresholds, concepts, thresholds])
    # Halves, exactly: numpy rounds to even, so half a thousandth is nothing.
    cases.append([[0.0], [1.0], [0.5], [0.5]])
    cases.append([[0.0], [1.0], [0.5], [0.4995]])
    cases.append([[0.5], [0.25], [0.25], [0.2595]])
    cases.append([[0.5, 0.24], [0.4995, 0.25], [0.25], [0.2505]])
    return [dict(special=s, specialThresholds=st, concepts=c, thresholds=t, flagged=judge(s, st, c, t)) for s, st, c, t in cases]


class Export(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, clip_input, images):
        return self.model.forward_onnx(clip_input, images)


@torch.no_grad()
def main():
    torch.manual_seed(2)
    config = CLIPConfig(vision_config=VISION, text_config=dict(hidden_size=8, num_attention_heads=2, num_hidden_layers=1), projection_dim=16)
    model = StableDiffusionSafetyChecker(config).eval()
    weights(model)
    pictures = {"a": picture(97, 64, 1), "b": picture(48, 130, 2)}
    processor = CLIPImageProcessorPil(**{key: value for key, value in PREPROCESSOR.items() if not key.endswith("_type")})
    pixels = {name: processor(image, return_tensors="pt").pixel_values for name, image in pictures.items()}
    embed = lambda values: model.visual_projection(model.vision_model(values)[1])
    embeds = {name: embed(values) for name, values in pixels.items()}
    choose_thresholds(model, embeds["a"], embeds["b"])
    flags = {name: model(values, [np.zeros((1, 1, 3))])[1][0] for name, values in pixels.items()}
    assert flags == {"a": True, "b": False}, flags

    folder = HERE / "diffusers" / "safety_checker"
    folder.mkdir(parents=True, exist_ok=True)
    (HERE / "diffusers" / "feature_extractor").mkdir(exist_ok=True)
    keeps = lambda key, value: value if key.endswith("embeds_weights") else value.half()
    state = {key: keeps(key, value).contiguous() for key, value in published_names(model.state_dict()).items()}
    save_file(state, folder / "model.safetensors")
    described = {
        "_class_name": "StableDiffusionSafetyChecker",
        "architectures": ["StableDiffusionSafetyChecker"],
        "model_type": "clip",
        "projection_dim": 16,
        "vision_config": {**VISION, "layer_norm_eps": 1e-5, "model_type": "clip_vision_model"},
    }
    (folder / "config.json").write_text(json.dumps(described, indent=2) + "\n")
    (HERE / "diffusers" / "feature_extractor" / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")

    exported = HERE / "onnx"
    exported.mkdir(exist_ok=True)
    axes = {"clip_input": {0: "batch", 1: "channels", 2: "height", 3: "width"}, "images": {0: "batch", 1: "height", 2: "width", 3: "channels"}}
    torch.onnx.export(
        Export(model),
        (torch.zeros(1, 3, 224, 224), torch.zeros(1, 64, 64, 3)),
        str(exported / "model.onnx"),
        input_names=["clip_input", "images"],
        output_names=["out_images", "has_nsfw_concepts"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    (exported / "config.json").write_text(json.dumps({key: described[key] for key in ("architectures", "model_type")}, indent=2) + "\n")

    for name, image in pictures.items():
        image.save(HERE / f"{name}.png")
    narrow = picture(9, 21, 3)
    narrow.save(HERE / "c.png")
    pictures["a"].filter(ImageFilter.GaussianBlur(32)).save(HERE / "blurred-a.png")
    narrow.filter(ImageFilter.GaussianBlur(2.5)).save(HERE / "blurred-c.png")
    values = {f"pixels.{name}": value[0, :, ::16, ::16].contiguous() for name, value in pixels.items()}
    values |= {f"embeds.{name}": value.contiguous() for name, value in embeds.items()}
    versions = {"torch": torch.__version__, "diffusers": diffusers.__version__, "transformers": transformers.__version__, "numpy": np.__version__, "Pillow": PIL.__version__}
    save_file(values, HERE / "values.safetensors", versions)
    lines = ",\n".join(json.dumps(case) for case in threshold_cases())
    (HERE / "thresholds.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
