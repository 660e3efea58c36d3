import { SAMPLER_ALIASES, SAMPLER_NAMES } from "../../samplers/names.js";
import type { Switch } from "../switch.js";

/** How the noise becomes a picture. */
export const SAMPLING = [
  {
    key: "sampler",
    names: ["-A", "-m", "--sampler"],
    type: "choice",
    metavar: "NAME",
    choices: [...SAMPLER_NAMES, ...Object.keys(SAMPLER_ALIASES)],
    where: "both",
    fallback: "k_lms",
    record: "always",
    group: "Picture",
    help: "sampler",
  },
  {
    key: "rng",
    names: ["--rng"],
    type: "choice",
    metavar: "KIND",
    choices: ["cpu", "cuda"],
    where: "both",
    fallback: "cpu",
    record: "given",
    ours: true,
    group: "Picture",
    help: "noise as torch draws it on this kind of device",
  },
  {
    key: "useMpsNoise",
    names: ["--use_mps_noise"],
    type: "flag",
    where: "line",
    noEffect: "noise is the CPU generator's unless --rng cuda asks for the other",
    group: "Picture",
    help: "draw noise as a Mac does",
  },
  {
    key: "skipNormalize",
    names: ["-x", "--skip_normalize", "--skip_normalization"],
    type: "flag",
    where: "line",
    feature: "weighted prompts",
    group: "Picture",
    help: "leave the weights of a weighted prompt as they are",
  },
] as const satisfies readonly Switch[];
