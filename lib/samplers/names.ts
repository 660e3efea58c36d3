import { DreamError } from "../errors.js";

/** Every sampler, by the name that the prompt line, the metadata and the log use. */
export const SAMPLER_NAMES = [
  "ddim",
  "plms",
  "k_lms",
  "k_euler",
  "k_euler_a",
  "k_heun",
  "k_dpm_2",
  "k_dpm_2_a",
  "k_dpmpp_2",
  "k_dpmpp_2_a",
  "k_dpmpp_sde",
  "k_dpmpp_2m_sde",
  "unipc",
  "lcm",
] as const;

export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Second names; the first one is what gets recorded. */
export const SAMPLER_ALIASES: Readonly<Record<string, SamplerName>> = { pndm: "plms" };

/**
 * @param name as typed, alias or not
 * @throws DreamError `usage/sampler`, naming what there is
 */
export function resolveSampler(name: string): SamplerName {
  const found = SAMPLER_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  if (Object.hasOwn(SAMPLER_ALIASES, name)) return SAMPLER_ALIASES[name]!;
  throw new DreamError("usage/sampler", `There is no sampler "${name}"; there are ${SAMPLER_NAMES.join(", ")}`);
}
