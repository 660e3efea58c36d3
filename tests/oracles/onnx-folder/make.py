"""Exports the miniature sd1 (../miniatures/sd1) to ONNX folders as users have them; what they must answer is in ../networks/sd1.safetensors.

    optimum/     as optimum-cli exports: fp32, input_ids int64, timestep float32 of one element, free sizes, the VAE encoder gives
                 `latent_parameters` (mean and log-variance)
    diffusers/   as diffusers' convert_stable_diffusion_checkpoint_to_onnx.py of 2022 with --fp16: float16 inputs and outputs, input_ids
                 int32, timestep int64, U-Net for batch 2 and 8×8 latents only, the VAE encoder gives a latent and no variance;
                 no scheduler folder

Usage: python make.py        (writes beside itself)
"""

import json
import shutil
import sys
from pathlib import Path

import diffusers
import onnx
import torch
import transformers

HERE = Path(__file__).parent
SOURCE = HERE.parent / "miniatures" / "sd1"


def export(model, inputs, path, *, names, outputs, free):
    path.parent.mkdir(parents=True)
    torch.onnx.export(
        model.eval(), inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=free, opset_version=17, dynamo=False
    )
    onnx.save(slim(onnx.load(path)), path)


def slim(model):
    """The same graph without what only people read, equal constants merged, so that the committed files stay small."""
    graph = model.graph
    short = {value.name: value.name for value in [*graph.input, *graph.output]} | {"": ""}
    kept, tensors = [], {}
    del graph.value_info[:]

    def keep(tensor, name):
        tensor.name = tensor.doc_string = ""
        key = tensor.SerializeToString()
        short[name] = tensors.setdefault(key, (f"w{len(tensors)}", tensor))[0]

    for tensor in graph.initializer:
        keep(onnx.TensorProto.FromString(tensor.SerializeToString()), tensor.name)
    for node in graph.node:
        if node.op_type == "Constant":
            keep(node.attribute[0].t, node.output[0])
            continue
        node.name = node.doc_string = ""
        del node.metadata_props[:]
        node.input[:] = [short[name] for name in node.input]
        node.output[:] = [short.setdefault(name, f"v{len(short)}") for name in node.output]
        kept.append(onnx.NodeProto.FromString(node.SerializeToString()))
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    for name, tensor in tensors.values():
        tensor.name = name
        graph.initializer.append(tensor)
    onnx.checker.check_model(model)
    return model


class Call(torch.nn.Module):
    """A module whose forward is any function of a network."""

    def __init__(self, network, function):
        super().__init__()
        self.network = network
        self.function = function

    def forward(self, *inputs):
        return self.function(self.network, *inputs)


def parts(dtype):
    text = transformers.CLIPTextModel.from_pretrained(SOURCE / "text_encoder", attn_implementation="eager", dtype=dtype)
    unet = diffusers.UNet2DConditionModel.from_pretrained(SOURCE / "unet", torch_dtype=dtype)
    vae = diffusers.AutoencoderKL.from_pretrained(SOURCE / "vae", torch_dtype=dtype)
    unet.set_attn_processor(diffusers.models.attention_processor.AttnProcessor())
    vae.set_attn_processor(diffusers.models.attention_processor.AttnProcessor())
    return text, unet, vae


def write(name, *, dtype, ids, timestep, fixed, moments):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    text, unet, vae = parts(dtype)
    sizes = {0: "batch", 2: "height", 3: "width"}
    tokens = torch.zeros(1, 77, dtype=ids)
    export(
        Call(text, lambda net, t: tuple(net(t, return_dict=False)[:2])),
        (tokens,),
        folder / "text_encoder" / "model.onnx",
        names=["input_ids"],
        outputs=["last_hidden_state", "pooler_output"],
        free={"input_ids": {0: "batch"}},
    )
    sample = torch.randn(2, 4, 8, 8, dtype=dtype)
    context = torch.randn(2, 77, 16, dtype=dtype)
    export(
        Call(unet, lambda net, x, t, c: net(x, t, c, return_dict=False)[0]),
        (sample, timestep, context),
        folder / "unet" / "model.onnx",
        names=["sample", "timestep", "encoder_hidden_states"],
        outputs=["out_sample"],
        free={} if fixed else {"sample": sizes, "encoder_hidden_states": {0: "batch"}},
    )
    export(
        Call(vae, lambda net, x: net.decode(x, return_dict=False)[0]),
        (torch.randn(1, 4, 8, 8, dtype=dtype),),
        folder / "vae_decoder" / "model.onnx",
        names=["latent_sample"],
        outputs=["sample"],
        free={"latent_sample": sizes},
    )
    mean = lambda net, x: net.encode(x, return_dict=False)[0].mean
    both = lambda net, x: net.encode(x, return_dict=False)[0].parameters
    export(
        Call(vae, both if moments else mean),
        (torch.randn(1, 3, 64, 64, dtype=dtype),),
        folder / "vae_encoder" / "model.onnx",
        names=["sample"],
        outputs=["latent_parameters" if moments else "latent_sample"],
        free={"sample": sizes},
    )
    shutil.copytree(SOURCE / "tokenizer", folder / "tokenizer")
    index = dict(_class_name="OnnxStableDiffusionPipeline", _diffusers_version=diffusers.__version__)
    for part in ("text_encoder", "unet", "vae_decoder", "vae_encoder"):
        index[part] = ["diffusers", "OnnxRuntimeModel"]
    index |= {"tokenizer": ["transformers", "CLIPTokenizer"], "scheduler": ["diffusers", "PNDMScheduler"], "safety_checker": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    if moments:
        shutil.copytree(SOURCE / "scheduler", folder / "scheduler")
        # optimum keeps each network's configuration beside its graph.
        for part, config in (("unet", "unet"), ("vae_decoder", "vae"), ("vae_encoder", "vae"), ("text_encoder", "text_encoder")):
            shutil.copy(SOURCE / config / "config.json", folder / part / "config.json")
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)


if __name__ == "__main__":
    print(sys.version.split()[0], torch.__version__, diffusers.__version__, transformers.__version__)
    torch.manual_seed(0)
    torch.set_num_threads(2)
    with torch.no_grad():
        write("optimum", dtype=torch.float32, ids=torch.int64, timestep=torch.tensor([1.0]), fixed=False, moments=True)
        write("diffusers", dtype=torch.float16, ids=torch.int32, timestep=torch.tensor([1, 1]), fixed=True, moments=False)
