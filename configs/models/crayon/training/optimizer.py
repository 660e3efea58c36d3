"""Muon for matrices and convolutions, Adam for everything else, with all state in plain lists of tensors.

Muon (Keller Jordan et al., 2024): momentum whose update is made nearly orthogonal by five Newton-Schulz steps. On these
networks it needs about a quarter of Adam's steps. Plain lists, because two training processes share them in memory.
"""

import torch


def orthogonal(matrix):
    """The nearest (semi-)orthogonal matrix, roughly: singular values end up between about 0.7 and 1.2."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16()
    x = x / (x.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).float()


class MuonAdam:
    """The optimizer of `module`; `inner` tells which parameters are Muon's: matrices that are neither embeddings nor ends."""

    def __init__(self, module, muon_rate, adam_rate, momentum=0.95, betas=(0.9, 0.98), decay=0.01):
        named = list(module.named_parameters())
        self.params = [p for _, p in named]
        self.inner = [p.ndim > 1 and not any(end in name for end in ("embed", "conv_in", "conv_out")) for name, p in named]
        self.first = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.second = [torch.zeros_like(p if not inner else p.new_zeros(1)) for p, inner in zip(self.params, self.inner)]
        self.muon_rate, self.adam_rate, self.momentum, self.betas, self.decay = muon_rate, adam_rate, momentum, betas, decay

    @torch.no_grad()
    def update(self, number, gradient, step, factor=1.0):
        """Updates parameter `number`; `step` counts from 1, `factor` scales both rates."""
        p, first = self.params[number], self.first[number]
        if self.inner[number]:
            first.lerp_(gradient, 1 - self.momentum)
            direction = gradient.lerp(first, self.momentum).reshape(len(p), -1)
            rows, columns = direction.shape
            rate = factor * self.muon_rate
            p.mul_(1 - rate * self.decay)
            p.add_(orthogonal(direction).view(p.shape), alpha=-rate * max(1, rows / columns) ** 0.5)
        else:
            second = self.second[number]
            first.lerp_(gradient, 1 - self.betas[0])
            second.lerp_(gradient.square(), 1 - self.betas[1])
            size = (second / (1 - self.betas[1] ** step)).sqrt_().add_(1e-8)
            p.addcdiv_(first, size, value=-factor * self.adam_rate / (1 - self.betas[0] ** step))
