"""Reference values of upscalers: both networks of Real-ESRGAN's family in plain torch, on random weights.

    NAME.safetensors           the network's weights, in the keys of its generation and at its precision
    NAME.values.safetensors    picture [1, 3, h, w] in 0..1 and enlarged [1, 3, s h, s w], not clamped (fp32, by ../read-oracle.ts)
    compact-x2.onnx, compact-x2-fixed.onnx     compact-x2 as the exporter writes it, for any size and for 72x72 only

The weights are rounded as stored, the arithmetic is fp32. Versions stand in the metadata of the values.

Usage: python make.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent


class DenseBlock(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        for layer in range(5):
            setattr(self, f"conv{layer + 1}", nn.Conv2d(features + layer * growth, growth if layer < 4 else features, 3, 1, 1))

    def forward(self, x):
        seen = [x]
        for layer in range(1, 5):
            seen.append(F.leaky_relu(getattr(self, f"conv{layer}")(torch.cat(seen, 1)), 0.2))
        return x + 0.2 * self.conv5(torch.cat(seen, 1))


class Rrdb(nn.Module):
    def __init__(self, features, growth):
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(features, growth) for _ in range(3))

    def forward(self, x):
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(x)))


class RrdbNet(nn.Module):
    def __init__(self, features, growth, blocks, unshuffle=1):
        super().__init__()
        self.unshuffle = unshuffle
        self.conv_first = nn.Conv2d(3 * unshuffle**2, features, 3, 1, 1)
        self.body = nn.Sequential(*(Rrdb(features, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(features, features, 3, 1, 1)
        self.conv_up1 = nn.Conv2d(features, features, 3, 1, 1)
        self.conv_up2 = nn.Conv2d(features, features, 3, 1, 1)
        self.conv_hr = nn.Conv2d(features, features, 3, 1, 1)
        self.conv_last = nn.Conv2d(features, 3, 3, 1, 1)

    def forward(self, x):
        if self.unshuffle > 1:
            x = F.pixel_unshuffle(x, self.unshuffle)
        x = self.conv_first(x)
        x = x + self.conv_body(self.body(x))
        for conv in (self.conv_up1, self.conv_up2):
            x = F.leaky_relu(conv(F.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(x), 0.2))


class Compact(nn.Module):
    def __init__(self, features, convolutions, scale):
        super().__init__()
        layers = [nn.Conv2d(3, features, 3, 1, 1), nn.PReLU(features)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, 1, 1), nn.PReLU(features)]
        self.body = nn.ModuleList([*layers, nn.Conv2d(features, 3 * scale**2, 3, 1, 1)])
        self.scale = scale

    def forward(self, x):
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


def named_2019(key):
    """ESRGAN's names."""
    key = key.replace("body.", "RRDB_trunk.", 1) if key.startswith("body.") else key
    for old, new in (("rdb", "RDB"), ("conv_body", "trunk_conv"), ("conv_up", "upconv"), ("conv_hr", "HRconv")):
        key = key.replace(old, new)
    return key


def named_2018(key):
    """The names of ESRGAN's first release: places in nested lists."""
    ends = {"conv_first": "0", "conv_body": "1.sub.2", "conv_up1": "3", "conv_up2": "6", "conv_hr": "8", "conv_last": "10"}
    head, tail = key.split(".", 1)
    if head in ends:
        return f"model.{ends[head]}.{tail}"
    _, block, rdb, conv, kind = key.split(".")
    return f"model.1.sub.{block}.{rdb.upper()}.{conv}.0.{kind}"


@torch.no_grad()
def write(name, network, seed, dtype, named=lambda key: key, size=(13, 18)):
    generator = torch.Generator().manual_seed(seed)
    for key, parameter in network.named_parameters():
        if parameter.ndim == 4:
            deviation = (2 / (parameter.shape[1] * 9)) ** 0.5
            values = torch.randn(parameter.shape, generator=generator) * deviation
        else:
            values = torch.rand(parameter.shape, generator=generator) * 0.2
        parameter.copy_(values.to(dtype).float())
    weights = {named(key): parameter.detach().to(dtype).contiguous() for key, parameter in network.named_parameters()}
    save_file(weights, HERE / f"{name}.safetensors")
    picture = torch.rand(1, 3, *size, generator=generator)
    values = {"picture": picture, "enlarged": network(picture)}
    save_file(values, HERE / f"{name}.values.safetensors", {"torch": torch.__version__})
    return network


def export(network, name, side=None):
    sides = {} if side else {2: "height", 3: "width"}
    axes = {"input": sides, "output": sides} if sides else None
    example = torch.zeros(1, 3, side or 64, side or 64)
    path = str(HERE / name)
    torch.onnx.export(network, (example,), path, input_names=["input"], output_names=["output"], dynamic_axes=axes, dynamo=False)


def main():
    write("rrdb-x4", RrdbNet(8, 4, 2), 1, torch.float32)
    write("rrdb-x4-2018", RrdbNet(8, 4, 2), 2, torch.float16, named_2018)
    write("rrdb-x4-2019", RrdbNet(8, 4, 2), 3, torch.float16, lambda key: f"params_ema.{named_2019(key)}")
    write("rrdb-x2", RrdbNet(8, 4, 2, unshuffle=2), 4, torch.float16, size=(14, 18))
    write("compact-x4", Compact(20, 3, 4), 5, torch.float16)
    compact = write("compact-x2", Compact(12, 2, 2), 6, torch.float32)
    export(compact, "compact-x2.onnx")
    export(compact, "compact-x2-fixed.onnx", 72)


if __name__ == "__main__":
    main()
