"""Reference values of text masks: transformers' CLIPSegForImageSegmentation on random weights, within InvokeAI 2.3's procedure.

    clipseg/          config.json, model.safetensors (fp16), preprocessor_config.json, the tokenizer of ../miniatures/sd1
    ../segmenter-torch/pytorch_model.bin    the same weights as torch writes them
    clipseg-onnx/     the same exported (input_ids, attention_mask, pixel_values -> logits) for any number of tokens, with its tokenizer
    a.png, b.png      pictures, one lying, one standing; a.png has transparent parts, which count for nothing
    values.safetensors          logits.PICTURE.TEXT: every fourth of the logits in both directions, [24, 24]
    cases.json                  picture, text, threshold and mask.PICTURE.TEXT.png: what the text masks, black, by Pillow
    selected.png, deselected.png    of the first case: what !mask writes

The networks see 96 pixels a side instead of 352. The weights are rounded as stored, the arithmetic is fp32. Versions stand in the metadata of values.safetensors.

Usage: python make.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import PIL
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPTokenizer

HERE = Path(__file__).parent
TOKENIZER = HERE.parent / "miniatures" / "sd1" / "tokenizer"
SIDE = 96
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
TEXT = dict(vocab_size=537, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=77, bos_token_id=535, eos_token_id=536, pad_token_id=536)
VISION = dict(hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=64, patch_size=16)
TOP = dict(projection_dim=8, reduce_dim=6, extract_layers=[0, 1], decoder_num_attention_heads=2, decoder_intermediate_size=12, conditional_layer=0, use_complex_transposed_convolution=True)
TEXTS = ["the red circle", "a blue house on a hill"]


def picture(width, height, seed):
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x * generator.uniform(0.02, 0.1) + y * generator.uniform(0.02, 0.1) + phase) for phase in (0, 2, 4)]
    rgb = np.stack([wave * 110 + 128 for wave in waves], -1)
    rgb[(x - width / 3) ** 2 + (y - height / 2) ** 2 < 180] = (255, 20, 20)
    rgb[height // 4 : height // 2, width * 2 // 3 :] = (20, 40, 200)
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def fitted(image):
    """Across and then down, as Pillow 9 always does; 13 by itself begins with the direction that shrinks more."""
    scale = SIDE / max(image.size)
    width, height = int(scale * image.width), int(scale * image.height)
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(image.convert("RGB").resize((width, image.height), Image.Resampling.LANCZOS).resize((width, height), Image.Resampling.LANCZOS))
    return square


def pixels(image):
    values = (np.asarray(fitted(image)).astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    return torch.from_numpy(values).permute(2, 0, 1)[None]


def rescaled(levels, size):
    longest = max(size)
    return Image.fromarray(levels, "L").resize((longest, longest), Image.Resampling.LANCZOS).crop((0, 0, *size))


def weights(model):
    generator = torch.Generator().manual_seed(5)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            scale = 1.0 if "embedding" in name else (2.5 if "film" in name else 1.4)
            fan = 1 if "position" in name or "token" in name else parameter[0].numel() ** 0.5
            values = torch.randn(parameter.shape, generator=generator) * scale / fan
        else:
            values = torch.rand(parameter.shape, generator=generator) * 0.4 + ("norm" in name and name.endswith("weight")) * 0.8
        parameter.data.copy_(values.half().float())


def clear_threshold(heat):
    """One of three decimals that no value comes near."""
    candidates = [round(float(value), 3) for value in np.quantile(heat, np.linspace(0.4, 0.8, 60))]
    return max(candidates, key=lambda value: np.abs(heat - value).min())


class Export(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, pixel_values):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, pixel_values=pixel_values).logits


@torch.no_grad()
def main():
    config = CLIPSegConfig(text_config=TEXT, vision_config=VISION, **TOP)
    model = CLIPSegForImageSegmentation(config).eval()
    weights(model)
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
    pictures = {"a": picture(61, 43, 1), "b": picture(31, 80, 2)}

    values, cases = {}, []
    for name, image in pictures.items():
        for number, text in enumerate(TEXTS):
            tokens = tokenizer([text], padding=True, return_tensors="pt")
            logits = model(**tokens, pixel_values=pixels(image)).logits.reshape(SIDE, SIDE)
            values[f"logits.{name}.{number}"] = logits[::4, ::4].contiguous()
            heat = torch.sigmoid(logits).numpy()
            threshold = clear_threshold(heat)
            print(name, number, heat.min(), heat.max(), threshold, np.abs(heat - threshold).min())
            rescaled((heat < threshold).astype(np.uint8) * 255, image.size).save(HERE / f"mask.{name}.{number}.png")
            cases.append({"picture": name, "number": number, "text": text, "threshold": threshold})
            if len(cases) == 1:
                for kind, shares in (("selected", heat), ("deselected", 1 - heat)):
                    made = image.copy()
                    made.putalpha(rescaled((shares * 255).astype(np.uint8), image.size))
                    made.save(HERE / f"{kind}.png")
    image = pictures["a"].convert("RGBA")
    image.putalpha(Image.fromarray((np.indices((43, 61))[1] < 55).astype(np.uint8) * 255, "L"))
    image.save(HERE / "a.png")
    pictures["b"].save(HERE / "b.png")

    folder = HERE / "clipseg"
    folder.mkdir(exist_ok=True)
    state = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    save_file(state, folder / "model.safetensors")
    torch.save(state, HERE.parent / "segmenter-torch" / "pytorch_model.bin")
    described = {
        "architectures": ["CLIPSegForImageSegmentation"],
        "model_type": "clipseg",
        **TOP,
        "text_config": {**TEXT, "model_type": "clipseg_text_model"},
        "vision_config": {**VISION, "model_type": "clipseg_vision_model"},
    }
    preprocessor = {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": MEAN, "image_std": STD, "resample": 2, "size": SIDE}
    exported = HERE / "clipseg-onnx"
    exported.mkdir(exist_ok=True)
    for place in (folder, exported):
        (place / "config.json").write_text(json.dumps(described, indent=2) + "\n")
        (place / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
        for file in ("vocab.json", "merges.txt", "special_tokens_map.json"):
            shutil.copy(TOKENIZER / file, place / file)
    tokens = tokenizer([TEXTS[0]], return_tensors="pt")
    path = str(exported / "model.onnx")
    torch.onnx.export(
        Export(model),
        (tokens.input_ids, tokens.attention_mask, pixels(pictures["a"])),
        path,
        input_names=["input_ids", "attention_mask", "pixel_values"],
        output_names=["logits"],
        dynamic_axes={"input_ids": {1: "tokens"}, "attention_mask": {1: "tokens"}},
        opset_version=17,
        dynamo=False,
    )
    graph = onnx.load(path)
    for node in graph.graph.node:
        node.name = node.doc_string = ""
    onnx.save(graph, path)
    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__, "Pillow": PIL.__version__}
    save_file(values, HERE / "values.safetensors", versions)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
