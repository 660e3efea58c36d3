import type { PictureSettings } from "../options/picture-settings.js";

/** Who made a picture, for its metadata. */
export interface Maker {
  readonly appId: string;
  readonly appVersion: string;
  readonly modelId: string;
  /** Hex sha256 of the weights or "NOHASH". */
  readonly modelHash: string;
}

/**
 * The `sd-metadata` chunk as InvokeAI 2.3 writes it for a picture made from text, with two fields more: `rng` and `karras_max`, without
 * which the picture could not be made again.
 */
export function pictureMetadata(settings: PictureSettings, maker: Maker): string {
  return JSON.stringify({
    model: "stable diffusion",
    model_id: maker.modelId,
    model_hash: maker.modelHash,
    app_id: maker.appId,
    app_version: maker.appVersion,
    image: {
      type: "txt2img",
      prompt: [{ prompt: settings.prompt, weight: 1 }],
      steps: settings.steps,
      cfg_scale: settings.cfgScale,
      threshold: 0,
      perlin: 0,
      width: settings.width,
      height: settings.height,
      seed: settings.seed,
      sampler: settings.sampler,
      hires_fix: false,
      seamless: false,
      variations: [],
      postprocessing: null,
      init_mask: null,
      upscale: null,
      facetool: "gfpgan",
      facetool_strength: 0,
      h_symmetry_time_pct: null,
      v_symmetry_time_pct: null,
      rng: settings.rng,
      karras_max: settings.karrasMax ?? null,
    },
  });
}
