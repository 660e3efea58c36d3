"""Embeddings of all layouts for the miniature of SD 1.x, and what diffusers' textual inversion makes of prompts with them.

    files/learned_embeds.bin     word -> tensor [width], by torch.save
    files/original.pt            string_to_token, string_to_param with a ParameterDict, as the first textual inversion wrote it (older file format)
    files/a1111.pt               the same with a name, two vectors in half precision
    files/params.safetensors     emb_params, three vectors
    files/words.safetensors      two words, one of them with two vectors
    cases.safetensors            prompts' hidden states [77, width] as "N", tokens' ids as "N.ids" (diffusers' ids: the vectors follow the vocabulary)
    cases.json                   the prompts, the triggers with their files and diffusers' id of their first vector

diffusers calls the further vectors `<x>_1`, `<x>_2`; the rows are the same.

Usage: python make.py
"""

import json
from pathlib import Path

import diffusers
import torch
import transformers
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

HERE = Path(__file__).parent
FILES = HERE / "files"
MODEL = HERE.parent / "miniatures" / "sd1"

PROMPTS = [
    "a photo of <cat-toy>",
    "<original> and <cat-toy> in the style of by-somebody",
    "by-somebody by-somebody",
    "<params><original>",
    "a <two> b <one> c",
    "a house " * 40 + "<cat-toy>",
]


def main():
    pipe = StableDiffusionPipeline.from_pretrained(MODEL, safety_checker=None)
    width = pipe.text_encoder.config.hidden_size
    generator = torch.Generator().manual_seed(7)
    
    def vectors(count):
        return torch.randn(count, width, generator=generator) * 0.5

    toy = vectors(1)[0]
    torch.save({"<cat-toy>": toy}, FILES / "learned_embeds.bin")
    old = vectors(1)
    parameters = torch.nn.ParameterDict({"*": torch.nn.Parameter(old)})
    # The older format writes the source text of the class beside it.
    torch.serialization.get_source_lines_and_file = lambda *_: (["class ParameterDict\n"], 0, "container.py")
    torch.save(
        {"string_to_token": {"*": torch.tensor(265)}, "string_to_param": parameters},
        FILES / "original.pt",
        _use_new_zipfile_serialization=False,
    )
    named = vectors(2).half()
    a1111 = {"string_to_token": {"*": 265}, "string_to_param": {"*": named}, "name": "by-somebody", "step": 500, "sd_checkpoint": None}
    torch.save(a1111, FILES / "a1111.pt")
    params = vectors(3)
    save_file({"emb_params": params}, FILES / "params.safetensors", {"name": "unused"})
    one, two = vectors(1), vectors(2)
    save_file({"<one>": one[0], "<two>": two}, FILES / "words.safetensors")

    triggers = [
        ("<cat-toy>", "learned_embeds.bin", toy[None]),
        ("<original>", "original.pt", old),
        ("by-somebody", "a1111.pt", named.float()),
        ("<params>", "params.safetensors", params),
        ("<one>", "words.safetensors", one),
        ("<two>", "words.safetensors", two),
    ]
    first = {}
    for trigger, _, tensor in triggers:
        pipe.load_textual_inversion({trigger: tensor})
        first[trigger] = pipe.tokenizer.convert_tokens_to_ids(trigger)
    tensors = {}
    for index, prompt in enumerate(PROMPTS):
        text = pipe.maybe_convert_prompt(prompt, pipe.tokenizer)
        tokens = pipe.tokenizer(text, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
        with torch.no_grad():
            tensors[str(index)] = pipe.text_encoder(tokens)[0][0].contiguous()
        tensors[f"{index}.ids"] = tokens[0].to(torch.int32)
    save_file(tensors, HERE / "cases.safetensors")
    described = [{"trigger": trigger, "file": file, "vectors": len(tensor), "first": first[trigger]} for trigger, file, tensor in triggers]
    versions = {"torch": torch.__version__, "diffusers": diffusers.__version__, "transformers": transformers.__version__}
    document = {"versions": versions, "vocabulary": first["<cat-toy>"], "prompts": PROMPTS, "triggers": described}
    (HERE / "cases.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
