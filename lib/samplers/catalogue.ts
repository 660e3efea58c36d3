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
}

export const CATALOGUE: Readonly<Record<SamplerName, CatalogueEntry>> = {
  ddim: { run: sampleDdim, levels: ddimLevels, levelsPerStep: 1 },
  plms: { run: samplePlms, levels: plmsLevels, levelsPerStep: 1 },
  k_lms: { run: sampleLms, levels: kLevels, levelsPerStep: 1 },
  k_euler: { run: sampleEuler, levels: kLevels, levelsPerStep: 1 },
  k_euler_a: { run: sampleEulerAncestral, levels: kLevels, levelsPerStep: 1 },
  k_heun: { run: sampleHeun, levels: kLevelsWithEnds, levelsPerStep: 2 },
  k_dpm_2: { run: sampleDpm2, levels: kLevelsWithMeans, levelsPerStep: 2 },
  k_dpm_2_a: { run: sampleDpm2Ancestral, levels: kLevelsWithAncestralMeans, levelsPerStep: 2 },
  k_dpmpp_2: { run: sampleDpmpp2m, levels: dpmSolverLevelsToTimestepZero, levelsPerStep: 1 },
  k_dpmpp_2_a: { run: sampleDpmpp2sAncestral, levels: kLevelsWithAncestralMeans, levelsPerStep: 2 },
  k_dpmpp_sde: { run: sampleDpmppSde, levels: kLevelsWithMeans, levelsPerStep: 2 },
  k_dpmpp_2m_sde: { run: sampleDpmpp2mSde, levels: dpmSolverLevels, levelsPerStep: 1 },
  unipc: { run: sampleUniPc, levels: dpmSolverLevels, levelsPerStep: 1 },
  lcm: { run: sampleLcm, levels: lcmLevels, levelsPerStep: 1 },
};
