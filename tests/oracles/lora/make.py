"""Random LoRA files of every notation for the miniatures, and what diffusers answers with them.

    kohya.safetensors          LoRA and LoCon in Kohya's names (fp16, alpha other than the rank): U-Net with kernels, text encoder
    ldm-names.safetensors      the same numbers, U-Net layers named as in the original checkpoints
    kohya.pt                   the same by torch.save
    kohya-sd2.safetensors      LoRA for the miniature of Stable Diffusion 2 (bf16)
    tucker.safetensors         LoCon with `lora_mid`
    loha.safetensors           LoHa, some kernels with `hada_t1`, `hada_t2`
    lokr.safetensors           LoKr: whole and decomposed factors, `lokr_t2`
    diffusers.safetensors      what diffusers writes (`unet.….lora_A.weight`), alpha in the metadata
    diffusers-2023.safetensors `unet.….lora.up.weight`, `text_encoder.….lora_linear_layer.up.weight`
    processors.safetensors     attention processors of early 2023 (`….processor.to_q_lora.up.weight`), U-Net only
    peft/                      what PEFT writes for a U-Net (`adapter_config.json`), alphas of its own for some layers, rank-stabilised
    peft-loha/                 the same as LoHa
    expected.safetensors       NAME.text [77, 16], NAME.unet [2, 4, 8, 8]: the answers to the second text.tokens and to unet.b of
                               ../networks, with the LoRA at weight 0.8; `both`: kohya at 0.8 and loha at -0.5

Kohya's and diffusers' files are loaded by diffusers with PEFT, the others by PEFT and LyCORIS' own modules; nothing here computes a delta
itself, but for the early processors, which no version of diffusers at hand reads any more: W + up · down.

Usage: python make.py        (writes beside itself; deterministic for one version of torch)
"""

import json
import shutil
from pathlib import Path

import diffusers
import lycoris
import peft
import torch
import transformers
from diffusers import StableDiffusionPipeline
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
MINIATURES = HERE.parent / "miniatures"
WEIGHT = 0.8
GIVEN = load_file(HERE.parent / "networks" / "sd1.safetensors")
GIVEN_SD2 = load_file(HERE.parent / "networks" / "sd2.safetensors")

BLOCK = "down_blocks.1.attentions.0"
UP = "up_blocks.2.attentions.1"
ATTENTION = [f"{block}.transformer_blocks.0.{name}" for block in (BLOCK, UP) for name in ("attn1.to_q", "attn2.to_k", "attn2.to_v", "attn1.to_out.0")]
LINEAR = [*ATTENTION, f"{BLOCK}.transformer_blocks.0.ff.net.0.proj", f"{UP}.transformer_blocks.0.ff.net.2", "down_blocks.1.resnets.0.time_emb_proj"]
POINTWISE = [f"{BLOCK}.proj_in", f"{UP}.proj_out", "down_blocks.1.resnets.0.conv_shortcut"]
KERNELS = ["conv_in", "down_blocks.0.resnets.1.conv1", "down_blocks.1.downsamplers.0.conv", "up_blocks.1.upsamplers.0.conv", "mid_block.resnets.0.conv2", "conv_out"]
TEXT = [f"encoder.layers.{layer}.{name}" for layer in (0, 2) for name in ("self_attn.q_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2")]
#: Where diffusers and the original checkpoints put the layers above.
LDM = {
    BLOCK: "input_blocks.4.1",
    UP: "output_blocks.7.1",
    "down_blocks.1.resnets.0.time_emb_proj": "input_blocks.4.0.emb_layers.1",
    "down_blocks.1.resnets.0.conv_shortcut": "input_blocks.4.0.skip_connection",
    "conv_in": "input_blocks.0.0",
    "down_blocks.0.resnets.1.conv1": "input_blocks.2.0.in_layers.2",
    "down_blocks.1.downsamplers.0.conv": "input_blocks.6.0.op",
    "up_blocks.1.upsamplers.0.conv": "output_blocks.5.2.conv",
    "mid_block.resnets.0.conv2": "middle_block.0.out_layers.3",
    "conv_out": "out.2",
}

generator = torch.Generator()


def pipeline(name="sd1"):
    return StableDiffusionPipeline.from_pretrained(MINIATURES / name, safety_checker=None, torch_dtype=torch.float32)


def noise(*shape, size=0.5):
    return size * torch.randn(*shape, generator=generator)


def module_of(network, name):
    inner = getattr(network, "text_model", network) if name.startswith("encoder.") else network
    return inner.get_submodule(name)


def factors(weight, rank):
    """(down, up) in the shapes of a kernel of this size."""
    outputs, inputs, *taps = weight.shape
    return noise(rank, inputs, *taps, size=(inputs * (taps or [1])[0] ** 2) ** -0.5), noise(outputs, rank, *(1 for _ in taps), size=rank**-0.5)


@torch.no_grad()
def answers(pipe, given):
    text = pipe.text_encoder(given["text.tokens"].long(), attention_mask=None).last_hidden_state
    unet = pipe.unet(given["unet.b.sample"], given["unet.b.timestep"].expand(2), given["unet.context"]).sample
    return dict(text=text[1], unet=unet)


def kohya(pipe, dtype, layers, rank=2):
    tensors = {}
    for network, prefix, names in ((pipe.unet, "lora_unet_", layers), (pipe.text_encoder, "lora_te_text_model_", TEXT)):
        for name in names:
            try:
                weight = module_of(network, name).weight
            except AttributeError:
                continue
            down, up = factors(weight, rank)
            key = prefix + name.replace(".", "_")
            tensors |= {f"{key}.lora_down.weight": down, f"{key}.lora_up.weight": up, f"{key}.alpha": torch.tensor(1.5)}
    return {key: tensor.to(dtype).contiguous() for key, tensor in tensors.items()}


def ldm_name(key):
    name, part = key.split(".", 1)
    for diffusers_name, ldm in sorted(LDM.items(), key=lambda pair: -len(pair[0])):
        flat = "lora_unet_" + diffusers_name.replace(".", "_")
        if name.startswith(flat):
            return "lora_unet_" + ldm.replace(".", "_") + name[len(flat) :] + "." + part
    assert name.startswith("lora_te_"), name
    return key


def with_diffusers(source, name="sd1", given=GIVEN, weight=WEIGHT):
    pipe = pipeline(name)
    if isinstance(source, dict):
        source = dict(source)
    pipe.load_lora_weights(source, adapter_name="one")
    pipe.set_adapters(["one"], [weight])
    return answers(pipe, given)


def lycoris_file(make, layers, text_layers):
    """The state of LyCORIS modules with random numbers in Kohya's names, and the changed weights by network and layer."""
    pipe = pipeline()
    tensors, changes = {}, []
    for network, prefix, names in ((pipe.unet, "lora_unet_", layers), (pipe.text_encoder, "lora_te_text_model_", text_layers)):
        for index, name in enumerate(names):
            layer = module_of(network, name)
            key = prefix + name.replace(".", "_")
            module = make(index, key, layer)
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.copy_(noise(*parameter.shape, size=0.6))
                difference = difference_of(module, layer)
            changes.append((network is pipe.unet, name, difference))
            tensors |= {f"{key}.{part}": tensor.clone() for part, tensor in module.state_dict().items()}
    return {key: tensor.detach().contiguous() for key, tensor in tensors.items()}, changes


def difference_of(module, layer):
    """What the module adds to the weight, found by running it on one-hot inputs: LyCORIS 4.1.3 scales LoHa and LoKr twice in `get_diff_weight`."""
    inputs = layer.weight.shape[1]
    if layer.weight.dim() == 2:
        ones = torch.eye(inputs)
        return (module(ones) - layer(ones)).T
    size = layer.weight.shape[2]
    ones = torch.zeros(inputs, inputs, 2 * size - 1, 2 * size - 1)
    ones[range(inputs), range(inputs), size - 1, size - 1] = 1
    kept = layer.padding, layer.stride
    layer.padding, layer.stride = (0, 0), (1, 1)
    module.extra_args = module.kw_dict = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1)
    answer = module(ones) - layer(ones)  # (I, O, k, k), the kernel turned by 180 degrees
    layer.padding, layer.stride = kept
    return answer.transpose(0, 1).flip(2, 3).contiguous()


@torch.no_grad()
def changed(changes, weight=WEIGHT, pipe=None):
    pipe = pipe or pipeline()
    for in_unet, name, difference in changes:
        module_of(pipe.unet if in_unet else pipe.text_encoder, name).weight += weight * difference
    return pipe


def peft_folder(name, config):
    pipe = pipeline()
    model = peft.get_peft_model(pipe.unet, config)
    with torch.no_grad():
        for key, parameter in sorted(model.named_parameters()):
            if "lora_" in key or "hada_" in key:
                parameter.copy_(noise(*parameter.shape))
    shutil.rmtree(HERE / name, ignore_errors=True)
    model.save_pretrained(HERE / name)
    for extra in ("README.md",):
        (HERE / name / extra).unlink(missing_ok=True)
    file = HERE / name / "adapter_config.json"
    written = {key: value for key, value in json.loads(file.read_text()).items() if key != "base_model_name_or_path"}
    file.write_text(json.dumps(written, indent=1) + "\n")
    for key, module in model.named_modules():
        if hasattr(module, "set_scale"):
            module.set_scale("default", WEIGHT)
    pipe.unet = model
    return answers(pipe, GIVEN)


def placeless(network):
    """The adapter's settings without the folder that the model came from."""
    return network.peft_config["default"].to_dict() | dict(base_model_name_or_path=None)


def main():
    torch.set_num_threads(1)
    generator.manual_seed(11)
    expected = {}

    pipe = pipeline()
    file = kohya(pipe, torch.float16, [*LINEAR, *POINTWISE, *KERNELS])
    save_file(file, HERE / "kohya.safetensors")
    save_file({ldm_name(key): tensor for key, tensor in file.items()}, HERE / "ldm-names.safetensors")
    torch.save(file, HERE / "kohya.pt")
    expected["kohya"] = with_diffusers(file)

    file = kohya(pipeline("sd2"), torch.bfloat16, [*LINEAR, *POINTWISE, *KERNELS[:3]])
    save_file(file, HERE / "kohya-sd2.safetensors")
    expected["kohya-sd2"] = with_diffusers(file, "sd2", GIVEN_SD2)

    def locon(index, key, layer):
        return LoConModule(key, layer, 1.0, lora_dim=2, alpha=3, use_tucker=True)

    def loha(index, key, layer):
        return LohaModule(key, layer, 1.0, lora_dim=3, alpha=2, use_tucker=index % 2 == 0)

    def lokr(index, key, layer):
        return LokrModule(key, layer, 1.0, lora_dim=[1, 2, 100][index % 3], alpha=2, factor=[2, 4, -1][index % 3], use_tucker=index % 2 == 0, decompose_both=index % 4 == 1)

    differences = {}
    for name, make, layers in (
        ("tucker", locon, [*POINTWISE, *KERNELS]),
        ("loha", loha, [*ATTENTION[:4], f"{BLOCK}.transformer_blocks.0.ff.net.0.proj", *POINTWISE, *KERNELS]),
        ("lokr", lokr, [*ATTENTION[3:], f"{BLOCK}.transformer_blocks.0.ff.net.0.proj", *POINTWISE, *KERNELS]),
    ):
        file, differences[name] = lycoris_file(make, layers, TEXT[2:6])
        print(name, sorted({key.split(".", 1)[1] for key in file}))
        save_file(file, HERE / f"{name}.safetensors")
        expected[name] = answers(changed(differences[name]), GIVEN)

    # Both at once: diffusers adds one while it runs, the other is in the weights.
    pipe = changed(differences["loha"], -0.5)
    pipe.load_lora_weights(load_file(HERE / "kohya.safetensors"), adapter_name="one")
    pipe.set_adapters(["one"], [WEIGHT])
    expected["both"] = answers(pipe, GIVEN)

    pipe = pipeline()
    pipe.unet.add_adapter(peft.LoraConfig(r=2, lora_alpha=5, target_modules=["to_out.0", "proj_in"]))
    pipe.text_encoder.add_adapter(peft.LoraConfig(r=3, lora_alpha=2, target_modules=["q_proj", "fc1"]))
    with torch.no_grad():
        for network in (pipe.unet, pipe.text_encoder):
            for key, parameter in sorted(network.named_parameters()):
                if "lora_" in key:
                    parameter.copy_(noise(*parameter.shape))
    StableDiffusionPipeline.save_lora_weights(
        HERE,
        unet_lora_layers=peft.get_peft_model_state_dict(pipe.unet),
        text_encoder_lora_layers=peft.get_peft_model_state_dict(pipe.text_encoder),
        weight_name="diffusers.safetensors",
        unet_lora_adapter_metadata=placeless(pipe.unet),
        text_encoder_lora_adapter_metadata=placeless(pipe.text_encoder),
    )
    expected["diffusers"] = with_diffusers(str(HERE / "diffusers.safetensors"))

    file = {}
    pipe = pipeline()
    for name in ATTENTION:
        down, up = factors(pipe.unet.get_submodule(name).weight, 2)
        file |= {f"unet.{name}.lora.down.weight": down, f"unet.{name}.lora.up.weight": up}
    for name in [name for name in TEXT if "self_attn" in name]:
        down, up = factors(module_of(pipe.text_encoder, name).weight, 2)
        key = f"text_encoder.text_model.{name}.lora_linear_layer"
        file |= {f"{key}.down.weight": down, f"{key}.up.weight": up}
    file = {key: tensor.contiguous() for key, tensor in file.items()}
    save_file(file, HERE / "diffusers-2023.safetensors")
    expected["diffusers-2023"] = with_diffusers(file)

    file, changes = {}, []
    for name in ATTENTION:
        down, up = factors(pipe.unet.get_submodule(name).weight, 2)
        block, _, projection = name.removesuffix(".0").rpartition(".")
        file |= {f"{block}.processor.{projection}_lora.down.weight": down, f"{block}.processor.{projection}_lora.up.weight": up}
        changes.append((True, name, up @ down))
    save_file({key: tensor.contiguous() for key, tensor in file.items()}, HERE / "processors.safetensors")
    expected["processors"] = answers(changed(changes), GIVEN)

    config = peft.LoraConfig(r=2, lora_alpha=3, use_rslora=True, alpha_pattern={"attn2.to_k": 1}, target_modules=["to_k", "conv_shortcut"])
    expected["peft"] = peft_folder("peft", config)
    config = peft.LoHaConfig(r=2, alpha=3, target_modules=r".*down_blocks\.1.*(to_q|to_out\.0|conv1)")
    expected["peft-loha"] = peft_folder("peft-loha", config)

    plain = {name: answers(pipeline(name), given) for name, given in (("sd1", GIVEN), ("sd2", GIVEN_SD2))}
    flat = {}
    for name, outputs in expected.items():
        for key, tensor in outputs.items():
            before = plain["sd2" if name.endswith("sd2") else "sd1"][key]
            print(f"{name:16} {key:5} moved by {(tensor - before).abs().max() / before.abs().max():.3f}")
            assert torch.isfinite(tensor).all()
            flat[f"{name}.{key}"] = tensor.contiguous()
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers, peft)}
    versions["lycoris"] = lycoris.__version__ if hasattr(lycoris, "__version__") else __import__("importlib.metadata").metadata.version("lycoris-lora")
    save_file(flat, HERE / "expected.safetensors")
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    for path in HERE.rglob("*.safetensors"):
        path.chmod(0o644)


if __name__ == "__main__":
    main()
