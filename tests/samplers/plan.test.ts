import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { resolveSampler, SAMPLER_NAMES } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { STABLE_DIFFUSION_SCHEDULE as scheduler } from "../../lib/samplers/scheduler-config.js";

describe("names", () => {
  test.each(SAMPLER_NAMES)("%s is its own name", (name) => {
    expect(resolveSampler(name)).toBe(name);
  });

  test("pndm is plms", () => {
    expect(resolveSampler("pndm")).toBe("plms");
  });

  test.each(["euler", "", "constructor"])("%j is refused with the list of samplers", (name) => {
    expect(() => resolveSampler(name)).toThrow(DreamError);
    expect(() => resolveSampler(name)).toThrow(/ddim, plms, k_lms/);
  });
});

describe("steps and evaluations", () => {
  test.each([
    ["ddim", undefined, 10, 10],
    ["ddim", 0.7, 7, 7],
    ["plms", undefined, 11, 10],
    ["plms", 0.7, 8, 7],
    ["k_heun", undefined, 19, 10],
    ["k_heun", 0.7, 13, 7],
    ["k_dpmpp_sde", 0.4, 7, 4],
    ["k_euler", 0, 1, 1],
    ["k_dpm_2", 0, 1, 1],
    ["plms", 0, 1, 1],
  ] as const)("10 steps of %s at strength %s ask the model %i times and count %i", (sampler, strength, evaluations, steps) => {
    const plan = planSampling({ scheduler, sampler, steps: 10, strength });
    expect(plan).toMatchObject({ evaluations, steps });
    expect(plan.timesteps).toHaveLength(evaluations);
  });

  test.each([
    [10, 0.7, 7],
    [10, 0.4, 4],
    [50, 0.4, 20],
    [30, 0.7, 21],
    [29, 0.7, 20],
    [50, 0.58, 28],
  ])("%i steps at strength %d run %i", (steps, strength, run) => {
    expect(planSampling({ scheduler, sampler: "ddim", steps, strength }).steps).toBe(run);
  });

  test.each([0, -1, 2.5, Number.NaN])("%d steps are refused", (steps) => {
    expect(() => planSampling({ scheduler, sampler: "k_euler", steps })).toThrow("is not a whole number above 0");
  });

  test.each([-0.1, 1.01, Number.NaN])("strength %d is refused", (strength) => {
    expect(() => planSampling({ scheduler, sampler: "k_euler", steps: 10, strength })).toThrow("is not between 0 and 1");
  });

  test("more steps than timesteps: refused by ddim, possible with k_euler", () => {
    expect(() => planSampling({ scheduler, sampler: "ddim", steps: 1001 })).toThrow("at most 1000 steps");
    expect(planSampling({ scheduler, sampler: "k_euler", steps: 1001 }).evaluations).toBe(1001);
  });

  test.each(SAMPLER_NAMES)("%s: noise only ever falls, over the whole range of steps", (sampler) => {
    for (const steps of [1, 2, 3, 6, 50, 333, 1000]) {
      const { levels } = planSampling({ scheduler, sampler, steps });
      for (let i = 1; i < levels.length; i++) {
        const ratio = (k: number) => levels[k]!.sigma / levels[k]!.alpha;
        expect(ratio(i)).toBeLessThanOrEqual(ratio(i - 1));
        expect(levels[i - 1]!.timestep).toBeLessThanOrEqual(999);
        expect(levels[i - 1]!.timestep).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe("spacing", () => {
  const timesteps = (sampler: (typeof SAMPLER_NAMES)[number], timestepSpacing: "leading" | "linspace" | "trailing", steps = 4) =>
    planSampling({ scheduler: { ...scheduler, timestepSpacing }, sampler, steps }).timesteps;

  test("a model's trailing spacing holds for every family", () => {
    for (const sampler of ["ddim", "k_euler", "k_dpmpp_2", "unipc"] as const) {
      expect(timesteps(sampler, "trailing")).toEqual([999, 749, 499, 249]);
    }
    expect(timesteps("k_euler_a", "trailing", 1)).toEqual([999]);
  });

  test("leading and linspace leave each sampler its own convention", () => {
    for (const spacing of ["leading", "linspace"] as const) {
      expect(timesteps("ddim", spacing)).toEqual([751, 501, 251, 1]);
      expect(timesteps("k_euler", spacing)).toEqual([999, 666, 333, 0]);
      expect(timesteps("k_dpmpp_2", spacing)).toEqual([999, 749, 500, 250]);
    }
  });

  test("lcm chooses from the timesteps of the distillation", () => {
    expect(timesteps("lcm", "leading")).toEqual([999, 759, 499, 259]);
  });

  test("Karras spacing runs between the model's extremes", () => {
    const { levels } = planSampling({ scheduler, sampler: "k_euler", steps: 8, karras: true });
    expect(levels[0]!.sigma).toBeCloseTo(14.61465, 4);
    expect(levels[7]!.sigma).toBeCloseTo(0.02917, 4);
    expect(levels[8]!.sigma).toBe(0);
    expect(levels[0]!.timestep).toBeCloseTo(999, 6);
  });
});
