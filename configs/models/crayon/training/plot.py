"""Draws the loss curve of the U-Net's training from its log."""

import argparse
import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(args.log.open())]
    figure, axes = plt.subplots(figsize=(7, 3.2), dpi=100)
    for size in sorted({row["size"] for row in rows}):
        some = [row for row in rows if row["size"] == size]
        seen = [row["pictures"] / 1000 for row in some]
        axes.plot(seen, [row["loss"] for row in some], ".-", ms=3, lw=1, label=f"weighted loss, {size:.0f} px")
        axes.plot(seen, [row["loss_high_noise"] for row in some], ".-", ms=3, lw=1, label=f"epsilon error at t >= 600, {size:.0f} px")
    axes.set(xlabel="thousand pictures", ylabel="loss", yscale="log")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(args.out)


if __name__ == "__main__":
    main()
