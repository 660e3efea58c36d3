import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { TorchCpuNoise } from "../../lib/random/torch-cpu-noise.js";
import type { SamplerName } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { sample } from "../../lib/samplers/sample.js";
import { type SchedulerConfig, STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { ORACLES } from "../oracles/read-oracle.js";

/** Written by tests/oracles/samplers/make.py, which says what the fields mean. */
interface OracleCase {
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly strength?: number;
  readonly karras?: boolean;
  readonly scheduler?: Partial<SchedulerConfig>;
  readonly asked: readonly (readonly [timestep: number, first: number, second: number])[];
  readonly final: readonly number[];
}

const COUNT = 16;
const RELATIVE = 1e-4;
/** The references compute in float32; where terms of a few units cancel, this much of them is rounding. */
const ABSOLUTE = 1e-5;

function read(file: string): OracleCase[] {
  const { cases } = JSON.parse(readFileSync(join(ORACLES, "samplers", file), "utf8")) as { cases: OracleCase[] };
  return cases;
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  const far = got.filter((value, i) => !(Math.abs(value - expected[i]!) <= RELATIVE * Math.abs(expected[i]!) + ABSOLUTE));
  if (got.length !== expected.length || far.length > 0) expect(got).toEqual(expected);
}

describe.each(["diffusers-0.16.1.json", "diffusers-0.42.1.json", "k-diffusion-0.1.1.json"])("%s", (file) => {
  const titled = read(file).map((each) => {
    const { asked: _asked, final: _final, ...request } = each;
    return [JSON.stringify(request).slice(0, 150), each] as const;
  });

  test.each(titled)("%s", async (_title, oracle) => {
    const { sampler, steps, strength, karras } = oracle;
    const plan = planSampling({ scheduler: { ...STABLE_DIFFUSION_SCHEDULE, ...oracle.scheduler }, sampler, steps, strength, karras });
    const noise = new TorchCpuNoise(42);
    const init = strength === undefined ? undefined : Float32Array.from({ length: COUNT }, (_, i) => -1 + (2 * i) / (COUNT - 1));
    const asked: number[][] = [];
    const model = async (x: Float32Array, timestep: number) => {
      asked.push([timestep, x[0]!, x[1]!]);
      return x.map((value) => Math.tanh(value / 2) + Math.sin(timestep / 100) / 10);
    };
    const final = await sample(plan, model, plan.initialLatents(noise.normal(COUNT), init), { noise });
    expectClose(asked.flat(), oracle.asked.flat());
    expectClose([...final], oracle.final);
  });
});
