import type { LineValues } from "./table.js";

/**
 * Everything a line must say to make one picture again: the fields are keys of the table, and the dream string, the metadata and the
 * engine's job are all made from this.
 */
export interface PictureSettings {
  readonly prompt: string;
  readonly steps: number;
  readonly seed: number;
  /** Pixels, multiples of 64. */
  readonly width: number;
  readonly height: number;
  readonly cfgScale: number;
  readonly karrasMax?: number;
  readonly sampler: string;
  readonly rng: NonNullable<LineValues["rng"]>;
}
