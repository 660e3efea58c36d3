import { SAMPLER_ALIASES, SAMPLER_NAMES, type SamplerName } from "../../samplers/names.js";

/** What another program's sampler is here. */
export interface ForeignSampler {
  readonly sampler: SamplerName;
  /** Noise levels after Karras. */
  readonly karras: boolean;
}

/**
 * Names of AUTOMATIC1111, of programs that imitate it and of Imagine, without blanks, underlines and case, and the sampler with the same
 * algorithm here.
 */
const SAME_ALGORITHM: Readonly<Record<string, SamplerName>> = {
  ddim: "ddim",
  plms: "plms",
  lms: "k_lms",
  euler: "k_euler",
  eulera: "k_euler_a",
  heun: "k_heun",
  dpm2: "k_dpm_2",
  dpm2a: "k_dpm_2_a",
  "dpm++2m": "k_dpmpp_2",
  "dpm++2sa": "k_dpmpp_2_a",
  "dpm++sde": "k_dpmpp_sde",
  "dpm++2msde": "k_dpmpp_2m_sde",
  unipc: "unipc",
  lcm: "lcm",
};

/** A name of this family of programs; undefined when there is no such sampler here. */
export function familySampler(name: string): SamplerName | undefined {
  const known = Object.hasOwn(SAMPLER_ALIASES, name) ? SAMPLER_ALIASES[name] : name;
  return SAMPLER_NAMES.find((sampler) => sampler === known);
}

/** A name of another program, perhaps with ` Karras` behind it; undefined when its algorithm does not exist here. */
export function foreignSampler(name: string): ForeignSampler | undefined {
  const bare = name.toLowerCase().replace(/[\s_]/g, "");
  const karras = bare.endsWith("karras");
  const key = karras ? bare.slice(0, -"karras".length) : bare;
  return Object.hasOwn(SAME_ALGORITHM, key) ? { sampler: SAME_ALGORITHM[key] as SamplerName, karras } : undefined;
}
