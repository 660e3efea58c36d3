"""Trains the U-Net and the text encoder together, from scratch, on stored latents.

Noise: Stable Diffusion's schedule, epsilon prediction. The loss of a step is weighted by SNR^-1/2 (within limits), because
layout and colour are decided where there is much noise and little epsilon loss. Matrices and convolutions inside the
networks are updated by Muon, everything else by Adam. Every caption serves `REPEAT` noises of its
picture, so that the text encoder works less.

On a CPU, `--workers 2` runs one single-threaded process per core on half of each batch: parameters and gradients lie in
shared memory, and each process updates half of the parameters. That is faster than two threads, which wait for each other
in every operator. The run resumes from `--run`/checkpoint.pt; its schedule counts steps, so pausing it is harmless.
"""

import argparse
import csv
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing
from diffusers import DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from optimizer import MuonAdam

TEXT = dict(
    hidden_size=128,
    intermediate_size=512,
    num_hidden_layers=3,
    num_attention_heads=4,
    projection_dim=128,
    max_position_embeddings=77,
    hidden_act="quick_gelu",
)
UNET = dict(
    sample_size=32,
    in_channels=4,
    out_channels=4,
    block_out_channels=(32, 64, 160),
    down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
    layers_per_block=1,
    norm_num_groups=4,
    attention_head_dim=4,
    cross_attention_dim=128,
)
SCHEDULE = dict(num_train_timesteps=1000, beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012)
REPEAT = 2


def build(tokenizer_path):
    """A fresh (tokenizer, text encoder, U-Net)."""
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_path)
    ids = dict(bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    text = CLIPTextModel(CLIPTextConfig(vocab_size=len(tokenizer), **ids, **TEXT))
    unet = UNet2DConditionModel(**UNET)
    return tokenizer, text, unet


def loss_weights(alphas_cumprod):
    snr = alphas_cumprod / (1 - alphas_cumprod)
    weights = snr.rsqrt().clamp(0.2, 8)
    return weights / weights.mean()


class Data:
    """Latents and token ids of one size, served in shuffled epochs."""

    def __init__(self, path, batch, tokenizer, rng):
        stored = np.load(path)
        texts = [str(text) for text in stored["texts"]]
        self.latents = torch.from_numpy(stored["latents"])
        self.ids = torch.tensor(encode_texts(tokenizer, texts), dtype=torch.int16)
        self.count, self.rng, self.order = batch // REPEAT, rng, np.empty(0, int)

    def next(self):
        if len(self.order) < self.count:
            self.order = self.rng.permutation(len(self.latents))
        index, self.order = self.order[: self.count], self.order[self.count :]
        return self.latents[index], self.ids[index].long()


def encode_texts(tokenizer, texts):
    return tokenizer(texts, padding="max_length", max_length=77, truncation=True).input_ids


class Training:
    """Everything that the processes of a run share, and that its checkpoint holds."""

    def __init__(self, args):
        tokenizer, text, unet = build(args.tokenizer)
        self.modules = torch.nn.ModuleDict({"text": text, "unet": unet}).to(args.device, memory_format=torch.channels_last)
        self.optimizer = MuonAdam(self.modules, muon_rate=0.015, adam_rate=2e-3)
        self.average = [p.detach().clone() for p in self.optimizer.params]
        self.step, self.seconds, self.seen = 0, 0.0, 0

    def tensors(self):
        return {"average": self.average, "first": self.optimizer.first, "second": self.optimizer.second}

    def load(self, path):
        state = torch.load(path, map_location="cpu")
        self.modules.load_state_dict(state["modules"])
        for name, mine in self.tensors().items():
            for tensor, stored in zip(mine, state[name]):
                tensor.copy_(stored)
        self.step, self.seconds, self.seen = state["step"], state["seconds"], state["seen"]

    def save(self, path):
        """Writes, then renames: a checkpoint is whole or the one before."""
        state = {"modules": self.modules.state_dict(), "step": self.step, "seconds": self.seconds, "seen": self.seen}
        torch.save(state | self.tensors(), path.with_suffix(".partial"))
        os.replace(path.with_suffix(".partial"), path)

    def share(self):
        self.modules.share_memory()
        for tensors in self.tensors().values():
            for tensor in tensors:
                tensor.share_memory_()


def work(rank, args, training, gradients, barrier):
    """One training process: its share of every batch, and of every update."""
    torch.set_num_threads(args.threads)
    optimizer, params = training.optimizer, training.optimizer.params
    torch.manual_seed(args.seed + 1000 * training.step + rank)
    choose = np.random.default_rng([args.seed, training.step])
    shuffle = np.random.default_rng([args.seed, training.step, rank])
    for p, gradient in zip(params, gradients[rank]):
        p.grad = gradient
    # The costly (large) parameters are dealt out in turn.
    mine = sorted(range(len(params)), key=lambda i: -params[i].numel() * (10 if optimizer.inner[i] else 1))[rank :: args.workers]

    tokenizer = CLIPTokenizer.from_pretrained(args.tokenizer)
    sets, shares = [], []
    for item in args.data:
        path, batch, share = item.rsplit(":", 2)
        sets.append(Data(path, int(batch) // args.workers, tokenizer, shuffle))
        shares.append(float(share))
    shares = np.array(shares) / sum(shares)
    alphas = DDPMScheduler(**SCHEDULE).alphas_cumprod.to(args.device)
    weights = loss_weights(alphas)
    empty = torch.tensor(encode_texts(tokenizer, [""])[0], device=args.device)

    def loss_of(latents, ids):
        """(loss, epsilon error at t >= 600) of a batch."""
        latents, ids = latents.to(args.device).float(), ids.to(args.device)
        ids = torch.where(torch.rand(len(ids), 1, device=args.device) < 0.1, empty, ids)
        x = latents.repeat(REPEAT, 1, 1, 1)
        # Stratified timesteps: one from each of len(x) equal slices, in random order.
        slices = (torch.randperm(len(x), device=args.device) + torch.rand(len(x), device=args.device)) / len(x)
        t = (slices * 1000).long().clamp(max=999)
        noise = torch.randn_like(x)
        a = alphas[t][:, None, None, None]
        noisy = (a.sqrt() * x + (1 - a).sqrt() * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast(args.device, torch.bfloat16):
            context = training.modules["text"](ids).last_hidden_state.repeat(REPEAT, 1, 1)
            guess = training.modules["unet"](noisy, t, context).sample
        error = (guess.float() - noise).square().mean((1, 2, 3))
        return (error * weights[t]).mean(), error[t >= 600].mean()

    recent = []
    while training.step < args.until:
        began = time.time()
        data = sets[choose.choice(len(sets), p=shares)]
        latents, ids = data.next()
        loss, noisy_error = loss_of(latents, ids)
        loss.backward()

        training.step += 1
        training.seen += len(ids) * REPEAT * args.workers
        factor = args.rate * min(1, training.step / 100)
        if args.decay_from is not None and training.step > args.decay_from:
            factor *= 1 - (training.step - args.decay_from) / (args.until - args.decay_from)
        keep = min(args.ema, training.step / (training.step + 20))
        barrier.wait()  # every process's gradients are there
        with torch.no_grad():
            for i in mine:
                gradient = torch.stack([own[i] for own in gradients]).mean(0) if len(gradients) > 1 else gradients[0][i]
                optimizer.update(i, gradient, training.step, factor)
                training.average[i].lerp_(params[i], 1 - keep)
        barrier.wait()  # every parameter is new
        torch._foreach_zero_(gradients[rank])

        # A paused process must not count its pause.
        training.seconds += min(time.time() - began, 5)
        recent.append((loss.item(), noisy_error.item()))
        if rank == 0 and training.step % 50 == 0:
            mean = np.mean(recent, axis=0)
            row = [training.step, round(training.seconds), training.seen, 8 * latents.shape[-1], *(f"{m:.5f}" for m in mean)]
            with open(args.run / "loss-unet.csv", "a", newline="") as file:
                csv.writer(file).writerow(row)
            print(*row, flush=True)
            recent = []
        if rank == 0 and (training.step % args.save_every == 0 or training.step == args.until):
            training.save(args.run / "checkpoint.pt")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the checkpoint and the log")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--data", nargs="+", required=True, help="latents.npz:batch:share, one or several sizes")
    parser.add_argument("--until", type=int, required=True, help="the step at which to stop")
    parser.add_argument("--rate", type=float, default=1.0, help="factor for both learning rates")
    parser.add_argument("--decay-from", type=int, help="step from which the rates fall linearly, to zero at --until")
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1, help="processes; more than one on a CPU only")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--save-every", type=int, default=100)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    training = Training(args)
    args.run.mkdir(parents=True, exist_ok=True)
    if (args.run / "checkpoint.pt").exists():
        training.load(args.run / "checkpoint.pt")
    else:
        (args.run / "loss-unet.csv").write_text("step,seconds,pictures,size,loss,loss_high_noise\n")
    gradients = [[torch.zeros_like(p, requires_grad=False) for p in training.optimizer.params] for _ in range(args.workers)]
    barrier = torch.multiprocessing.get_context("spawn").Barrier(args.workers)
    if args.workers == 1:
        return work(0, args, training, gradients, barrier)
    training.share()
    for own in gradients:
        for gradient in own:
            gradient.share_memory_()
    torch.multiprocessing.spawn(work, (args, training, gradients, barrier), args.workers)


if __name__ == "__main__":
    main()
