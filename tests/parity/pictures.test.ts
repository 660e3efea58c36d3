import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ModelSession } from "../../lib/pipeline/model-session.js";
import type { SamplerName } from "../../lib/samplers/names.js";
import { planSampling } from "../../lib/samplers/plan.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { comparePictures, openPictured, PICTURED_MODELS, readPictureOracle, TOLERANCE } from "./compare-pictures.js";

/*
 * Whole pictures against diffusers': same model, same noise, same sampler, same pixels. The built-in model draws two of its prompts with each
 * sampler, another two with the next one; `npm run proof -- pictures` draws all.
 */
const PROMPTS_HERE: Readonly<Record<string, number>> = { crayon: 2 };

describe.each(PICTURED_MODELS)("%s", (model) => {
  const oracle = readPictureOracle(model);
  let session: ModelSession;
  beforeAll(async () => {
    session = await openPictured(model);
  });

  test.each([...Object.keys(oracle.samplers).entries()])("%i, %s, draws what diffusers draws", async (index, sampler) => {
    const all = oracle.prompts.length;
    const count = PROMPTS_HERE[model] ?? all;
    const chosen = Array.from({ length: count }, (_, i) => (index * count + i) % all);
    const { mean, largest } = await comparePictures(session, model, sampler, chosen);
    expect(mean).toBeLessThanOrEqual(TOLERANCE.mean);
    expect(largest).toBeLessThanOrEqual(TOLERANCE.largest);
  });

  test.each(Object.entries(oracle.samplers))("%s visits the same timesteps", (sampler, { timesteps }) => {
    const plan = planSampling({ scheduler: STABLE_DIFFUSION_SCHEDULE, sampler: sampler as SamplerName, steps: oracle.steps });
    expect(plan.timesteps).toHaveLength(timesteps.length);
    for (const [i, timestep] of timesteps.entries()) expect(plan.timesteps[i]).toBeCloseTo(timestep, 1);
  });
});
