import { sampleDdim } from "./ddim.js";
import { sampleDpm2 } from "./k-dpm-2.js";
import { sampleDpm2Ancestral } from "./k-dpm-2-a.js";
import { sampleDpmpp2m } from "./k-dpmpp-2.js";
import { sampleDpmpp2sAncestral } from "./k-dpmpp-2-a.js";
import { sampleDpmpp2mSde } from "./k-dpmpp-2m-sde.js";
import { sampleDpmppSde } from "./k-dpmpp-sde.js";
import { sampleEuler } from "./k-euler.js";
import { sampleEulerAncestral } from "./k-euler-a.js";
import { sampleHeun } from "./k-heun.js";
import { sampleLms } from "./k-lms.js";
import { sampleLcm } from "./lcm.js";
import type { SamplerName } from "./names.js";
import {
  ddimLevels,
  dpmSolverLevels,
  dpmSolverLevelsToTimestepZero,
  kLevels,
  kLevelsWithAncestralMeans,
  kLevelsWithEnds,
  kLevelsWithMeans,
  type LevelPlan,
  lcmLevels,
  plmsLevels,
} from "./noise-level.js";
import { samplePlms } from "./plms.js";
import type { Sampler } from "./sampler.js";
import { sampleUniPc } from "./unipc.js";

/** A sampler's algorithm and the schedule it walks. */
export interface CatalogueEntry {
  readonly run: Sampler;
  readonly levels: LevelPlan;
  /** Levels that belong to one step: 2 for methods that evaluate the model at the start and within each step. */
  readonly levelsPerStep: 1 | 2;
  /** Visits levels between the model's timesteps; the others cannot take more steps than there are timesteps. */
  readonly fractionalTimesteps: boolean;
}

const WHOLE = { levelsPerStep: 1, fractionalTimesteps: false } as const;
const ONCE = { levelsPerStep: 1, fractionalTimesteps: true } as const;
const TWICE = { levelsPerStep: 2, fractionalTimesteps: true } as const;

export const CATALOGUE: Readonly<Record<SamplerName, CatalogueEntry>> = {
  ddim: { run: sampleDdim, levels: ddimLevels, ...WHOLE },
  plms: { run: samplePlms, levels: plmsLevels, ...WHOLE },
  k_lms: { run: sampleLms, levels: kLevels, ...ONCE },
  k_euler: { run: sampleEuler, levels: kLevels, ...ONCE },
  k_euler_a: { run: sampleEulerAncestral, levels: kLevels, ...ONCE },
  k_heun: { run: sampleHeun, levels: kLevelsWithEnds, ...TWICE },
  k_dpm_2: { run: sampleDpm2, levels: kLevelsWithMeans, ...TWICE },
  k_dpm_2_a: { run: sampleDpm2Ancestral, levels: kLevelsWithAncestralMeans, ...TWICE },
  k_dpmpp_2: { run: sampleDpmpp2m, levels: dpmSolverLevelsToTimestepZero, ...WHOLE },
  k_dpmpp_2_a: { run: sampleDpmpp2sAncestral, levels: kLevelsWithAncestralMeans, ...TWICE },
  k_dpmpp_sde: { run: sampleDpmppSde, levels: kLevelsWithMeans, ...TWICE },
  k_dpmpp_2m_sde: { run: sampleDpmpp2mSde, levels: dpmSolverLevels, ...WHOLE },
  unipc: { run: sampleUniPc, levels: dpmSolverLevels, ...WHOLE },
  lcm: { run: sampleLcm, levels: lcmLevels, ...WHOLE },
};
