import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { nextSeed } from "../../lib/random/seeds.js";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Written by tests/oracles/random/make.py. */
interface RandomOracle {
  readonly streams: readonly {
    readonly seed: number;
    readonly draws: readonly {
      readonly kind: "normal" | "uniform";
      readonly count: number;
      readonly at: readonly number[];
      readonly values: readonly number[];
    }[];
  }[];
  readonly seeds: readonly (readonly number[])[];
}

const oracle = JSON.parse(readFileSync(join(ORACLES, "random", "random.json"), "utf8")) as RandomOracle;

test.each(oracle.streams)("torch's generator with seed $seed, draw after draw", ({ seed, draws }) => {
  const source = new TorchCpuNoise(seed);
  for (const { kind, count, at, values } of draws) {
    const got = kind === "normal" ? source.normal(count) : source.uniform(count);
    expect(got).toHaveLength(count);
    for (const [k, index] of at.entries()) expect(Math.abs(got[index]! - values[k]!)).toBeLessThanOrEqual(1e-6);
  }
});

test.each(oracle.seeds.map((chain) => [chain]))("Python's chain of seeds %j", (chain) => {
  for (let i = 1; i < chain.length; i++) expect(nextSeed(chain[i - 1]!)).toBe(chain[i]);
});
