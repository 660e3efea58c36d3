"""The compact network of Real-ESRGAN (Wang et al. 2021; "SRVGGNetCompact"): convolutions and PReLUs at the size of the input,
a pixel shuffle, and the input itself, its pixels repeated, added at the end. Keys are `body.N.weight` and `body.N.bias`.
"""

import torch
from torch import nn
from torch.nn import functional as F


class Compact(nn.Module):
    def __init__(self, features=32, convolutions=8, scale=2):
        super().__init__()
        layers = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convolutions):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * scale * scale, 3, padding=1))
        self.scale = scale
        self.body = nn.ModuleList(layers)

    def forward(self, x):
        """[n, 3, h, w] in 0..1 to [n, 3, h * scale, w * scale]."""
        out = x
        for layer in self.body:
            out = layer(out)
        return F.pixel_shuffle(out, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


def start(network):
    """Weights before training: a last layer of zeros, so that the network begins as plain repetition of pixels."""
    with torch.no_grad():
        for layer in network.body:
            if isinstance(layer, nn.PReLU):
                layer.weight.fill_(0.1)
            else:
                nn.init.kaiming_normal_(layer.weight, a=0.1)
                layer.bias.zero_()
        network.body[-1].weight.zero_()
