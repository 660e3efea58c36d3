"""The peers of `npm run bench`: diffusers on torch, and the ONNX graphs that the usual Python exporter makes, from the same weights.

    python peers.py export --checkpoint FILE --out FOLDER
        FOLDER/unet/model.onnx and FOLDER/vae_decoder/model.onnx as optimum writes them: TorchScript exporter, opset 17, dynamic batch,
        height and width, fp32, weights in one external file each.
    python peers.py serve --checkpoint FILE --network unet|vae_decoder|text --side LATENT_SIDE --dtype float32|bfloat16
        loads, prints {"loadSeconds"}, then answers every line "go" with {"seconds"} of one call and "quit" with {"peakBytes"}.

Written for torch 2.13, diffusers 0.42, transformers 5.23, onnx 1.23.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders import single_file_utils
from safetensors import safe_open
from transformers import CLIPTextConfig, CLIPTextModel

UNET = dict(
    sample_size=64, block_out_channels=(320, 640, 1280, 1280), layers_per_block=2, cross_attention_dim=768, attention_head_dim=8
)
VAE = dict(
    down_block_types=("DownEncoderBlock2D",) * 4,
    up_block_types=("UpDecoderBlock2D",) * 4,
    block_out_channels=(128, 256, 512, 512),
    layers_per_block=2,
    latent_channels=4,
    sample_size=512,
)
TEXT = dict(vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
PREFIX = dict(unet="model.diffusion_model.", vae_decoder="first_stage_model.", text="cond_stage_model.")


def load(checkpoint, network, dtype):
    with safe_open(checkpoint, "pt") as file:
        weights = {key: file.get_tensor(key).to(dtype) for key in file.keys() if key.startswith(PREFIX[network])}
    with torch.device("meta"):
        if network == "unet":
            model = UNet2DConditionModel(**UNET)
            weights = single_file_utils.convert_ldm_unet_checkpoint(weights, dict(model.config))
        elif network == "vae_decoder":
            model = AutoencoderKL(**VAE)
            weights = single_file_utils.convert_ldm_vae_checkpoint(weights, dict(model.config))
        else:
            model = CLIPTextModel(CLIPTextConfig(hidden_act="quick_gelu", **TEXT))
            weights = single_file_utils.convert_ldm_clip_checkpoint(weights)
            weights = {key.removeprefix("text_model."): tensor for key, tensor in weights.items()}
    if network == "text":  # its position ids are no weights: build it for real
        model = CLIPTextModel(CLIPTextConfig(hidden_act="quick_gelu", **TEXT)).to(dtype)
    model.load_state_dict(weights, assign=network != "text")
    return model.eval()


class UNetCall(torch.nn.Module):
    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class DecoderCall(torch.nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, latent_sample):
        return self.vae.decode(latent_sample, return_dict=False)[0]


def example(network, side, dtype, batch=2):
    generator = torch.Generator().manual_seed(0)
    if network == "unet":
        sample = torch.randn(batch, 4, side, side, generator=generator).to(dtype)
        context = torch.randn(batch, 77, 768, generator=generator).to(dtype)
        return sample, torch.tensor([501.0]).to(dtype), context
    if network == "vae_decoder":
        return (torch.randn(1, 4, side, side, generator=generator).to(dtype),)
    return (torch.randint(0, 49406, (batch, 77), generator=generator),)


def export(checkpoint, out):
    import onnx

    for network in ("vae_decoder", "unet"):
        folder = out / network
        if (folder / "model.onnx").exists():
            continue
        model = load(checkpoint, network, torch.float32)
        model = UNetCall(model) if network == "unet" else DecoderCall(model)
        names = ["sample", "timestep", "encoder_hidden_states"] if network == "unet" else ["latent_sample"]
        spatial = {0: "batch", 2: "height", 3: "width"}
        axes = {names[0]: spatial, "out_sample": spatial} | ({names[2]: {0: "batch", 1: "sequence"}} if network == "unet" else {})
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out) as passing, torch.no_grad():
            torch.onnx.export(
                model,
                example(network, 16, torch.float32),
                f"{passing}/raw.onnx",
                input_names=names,
                output_names=["out_sample"],
                dynamic_axes=axes,
                opset_version=17,
                do_constant_folding=True,
                dynamo=False,
            )
            del model
            graph = onnx.load(f"{passing}/raw.onnx")
            ready = Path(passing) / "ready"
            ready.mkdir()
            onnx.save_model(
                graph,
                ready / "model.onnx",
                save_as_external_data=True,
                all_tensors_to_one_file=True,
                location="model.onnx_data",
                size_threshold=1024,
            )
            del graph
            shutil.rmtree(folder, ignore_errors=True)
            ready.rename(folder)
        print(json.dumps({"exported": str(folder)}), flush=True)


def peak_bytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


@torch.inference_mode()
def serve(checkpoint, network, side, dtype, threads):
    torch.set_num_threads(threads)
    started = time.perf_counter()
    model = load(checkpoint, network, dtype)
    arguments = example(network, side, dtype)
    call = model.decode if network == "vae_decoder" else model
    print(json.dumps({"loadSeconds": time.perf_counter() - started, "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        started = time.perf_counter()
        call(*arguments)
        print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)
    print(json.dumps({"peakBytes": peak_bytes()}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["export", "serve"])
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--network", choices=list(PREFIX))
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    if given.task == "export":
        export(given.checkpoint, given.out)
    else:
        serve(given.checkpoint, given.network, given.side, getattr(torch, given.dtype), given.threads)


if __name__ == "__main__":
    main()
