import type { Measurement } from "./duel.js";

/** Everything that was measured in one bench folder. */
export interface Results {
  pieces: Record<string, readonly Measurement[]>;
  machine: Record<string, string>;
}

const TITLES: Readonly<Record<string, string>> = {
  "step-512": "One guided step (two passes), 512×512",
  "step-256": "One guided step (two passes), 256×256",
  "vae-512": "VAE decoder, 512×512",
  "vae-256": "VAE decoder, 256×256",
  text: "Text encoder, two prompts",
  start: "From the request to load until the first 512×512 step begins (files in the page cache)",
};

/** The tables as Markdown. Ratios compare with the first program of a table, measured in turns with it. */
export function markdown({ pieces, machine }: Results): string {
  const lines = [
    "# Benchmarks",
    "",
    "Written by `npm run bench`; random weights of the size of Stable Diffusion 1.5. Seconds are medians. A ratio compares a program with the",
    "first one of its table, call by call in turns in the same run: trust ratios, times change from machine to machine and hour to hour.",
    "Every program runs in a process of its own; memory is the most it ever held (VmHWM: mapped files count). `start` is the time from",
    "nothing loaded until a first call can begin; `difference` the largest difference of an output from the first program's, as a fraction of",
    "the largest value, where both got the same input.",
    "",
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(" · "),
  ];
  for (const [piece, title] of Object.entries(TITLES)) {
    const measurements = pieces[piece];
    if (measurements === undefined) continue;
    lines.push("", `## ${title}`, "", "| program | seconds | ratio | start s | peak GB | difference |", "|---|---|---|---|---|---|");
    for (const { name, seconds, ratio, startSeconds, peakBytes, difference } of measurements) {
      const compared = ratio === undefined ? "" : ratio.toFixed(2);
      const differing = difference === undefined ? "" : difference.toExponential(0);
      const costs = `${startSeconds.toFixed(1)} | ${(peakBytes / 1e9).toFixed(1)}`;
      lines.push(`| ${name} | ${digits(seconds)} | ${compared} | ${costs} | ${differing} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function digits(seconds: number): string {
  return seconds < 0.1 ? seconds.toFixed(3) : seconds.toFixed(2);
}
