"""Measures the model on prompts that its training set did not contain: colour, background, shape and side.

Every prompt asks for a (colour, thing, background) combination that `captions.held_out` kept out of the training set, in
a random wording, style, size and position. A small convolutional classifier, trained here on drawn pictures (held-out
combinations included), reads thing, colour, background and place off each picture; its own accuracy on fresh drawn
pictures is printed beside the result, since it bounds what can be measured. The side counts only for prompts that name a
position.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from diffusers import StableDiffusionPipeline

from captions import POSITIONS, Group, Spec, caption, held_out, layout, pick, visible
from draw import COLOURS, KINDS, SCENES, STYLES, draw
from sample import SCHEDULERS, generate, sheet

PLACES = list(POSITIONS)
BACKGROUNDS = [*COLOURS, *SCENES]
HEADS = {"shape": KINDS, "colour": list(COLOURS), "background": BACKGROUNDS, "side": PLACES}
SIDE = 64


def single(rng, only_held_out):
    """A specification of one thing and a named background."""
    while True:
        colour, kind, background = pick(rng, list(COLOURS)), pick(rng, KINDS), pick(rng, BACKGROUNDS)
        if visible(colour, background) and (held_out(colour, kind, background) or not only_held_out):
            break
    position = pick(rng, PLACES) if rng.random() < 0.5 else None
    style = "flat" if rng.random() < 0.4 else pick(rng, STYLES)
    size = pick(rng, ["small", "large"]) if rng.random() < 0.2 else None
    return Spec([Group(kind, colour, 1, size)], background, position, style)


def answers(spec):
    """The right answer of every head, as class numbers."""
    group = spec.groups[0]
    right = {"shape": group.kind, "colour": group.colour, "background": spec.background, "side": spec.position or "centre"}
    return [list(HEADS[head]).index(right[head]) for head in HEADS]


class Reader(nn.Module):
    """Pictures [n, 3, 64, 64] in 0..1 to one row of scores for each head."""

    def __init__(self):
        super().__init__()
        widths = (3, 32, 64, 128, 160)
        steps = []
        for a, b in zip(widths, widths[1:]):
            steps += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
        self.body = nn.Sequential(*steps, nn.Flatten(), nn.Linear(widths[-1] * 16, 256), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(256, len(classes)) for classes in HEADS.values())

    def forward(self, x):
        x = self.body(x)
        return [head(x) for head in self.heads]


def drawn(count, seed):
    rng = np.random.default_rng(seed)
    pictures, labels = np.empty((count, SIDE, SIDE, 3), np.uint8), []
    for index in range(count):
        spec = single(rng, only_held_out=False)
        pictures[index] = draw(layout(spec, rng), SIDE, SIDE, rng)
        labels.append(answers(spec))
    return shrink(pictures), torch.tensor(labels)


def shrink(pictures):
    """uint8 [n, h, w, 3] to float [n, 3, 64, 64] in 0..1."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    return F.interpolate(x, (SIDE, SIDE), mode="area")


def train_reader(count, epochs, seed):
    """Trains the classifier; returns it with its accuracies on 1000 pictures it has not seen."""
    torch.manual_seed(seed)
    x, y = drawn(count, seed)
    reader, batch = Reader().to(memory_format=torch.channels_last), 128
    optimizer = torch.optim.AdamW(reader.parameters(), 2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, epochs * (count // batch))
    for _ in range(epochs):
        for index in torch.randperm(count)[: count // batch * batch].view(-1, batch):
            noisy = x[index] + 0.03 * torch.rand(batch, 1, 1, 1) * torch.randn(batch, 3, SIDE, SIDE)
            scores = reader(noisy.contiguous(memory_format=torch.channels_last))
            loss = sum(F.cross_entropy(s, y[index, head]) for head, s in enumerate(scores))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    reader.eval()
    x, y = drawn(1000, seed + 1)
    return reader, (read(reader, x) == y).float().mean(0).tolist()


@torch.no_grad()
def read(reader, x):
    return torch.stack([scores.argmax(1) for scores in reader(x)], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the model's folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for evaluation.json and evaluation.md")
    parser.add_argument("--reader", type=Path, help="keep the classifier in this file, and use it if it is there")
    parser.add_argument("--prompts", type=int, default=240)
    parser.add_argument("--sampler", choices=SCHEDULERS, default="dpmpp_2m")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sheet", type=Path, help="also save the pictures here")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    if args.reader and args.reader.exists():
        reader, accuracy = torch.load(args.reader, weights_only=False)
    else:
        reader, accuracy = train_reader(16000, 4, args.seed)
        if args.reader:
            torch.save((reader, accuracy), args.reader)

    rng = np.random.default_rng(args.seed)
    specs = [single(rng, only_held_out=True) for _ in range(args.prompts)]
    prompts = [caption(spec, rng) for spec in specs]
    pipeline = StableDiffusionPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    pictures = generate(pipeline, prompts, list(range(args.prompts)), args.sampler, args.steps, args.cfg)
    if args.sheet:
        sheet(pictures[:, ::2, ::2], 20).save(args.sheet)

    expected = torch.tensor([answers(spec) for spec in specs])
    right = read(reader, shrink(pictures)) == expected
    placed = torch.tensor([spec.position is not None for spec in specs])
    rates = {head: right[:, i].float().mean().item() for i, head in enumerate(HEADS)}
    rates["side"] = right[placed, 3].float().mean().item()
    goals = {"colour": 0.95, "background": 0.95, "shape": 0.85, "side": 0.9}
    counts = {head: len(specs) for head in HEADS} | {"side": int(placed.sum())}
    lines = [
        f"{args.prompts} held-out prompts, {args.sampler}, {args.steps} steps, guidance {args.cfg}, 256x256",
        "",
        "| what | right | goal | prompts | classifier on drawn pictures |",
        "|---|---|---|---|---|",
    ]
    for head, goal in goals.items():
        known = accuracy[list(HEADS).index(head)]
        lines.append(f"| {head} | {rates[head]:.1%} | {goal:.0%} | {counts[head]} | {known:.1%} |")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "evaluation.md").write_text("\n".join(lines) + "\n")
    wrong = {p: [h for i, h in enumerate(HEADS) if not right[n, i] and (h != "side" or placed[n])] for n, p in enumerate(prompts)}
    report = {"rates": rates, "sampler": args.sampler, "steps": args.steps, "cfg": args.cfg, "prompts": prompts}
    report |= {"wrong": {p: w for p, w in wrong.items() if w}}
    (args.out / "evaluation.json").write_text(json.dumps(report, indent=1) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
