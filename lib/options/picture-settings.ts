import type { FaceTool } from "../models/face-tools.js";
import type { RegionSettings } from "./painted-region.js";
import type { LineValues } from "./table.js";
import type { Variation } from "./variations.js";

/** Circular padding on these axes. */
export type SeamlessAxes = "" | "x" | "y" | "xy";

/**
 * Everything a line must say to make one picture again: the fields are keys of the table, and the dream string, the metadata and the
 * engine's job are all made from this.
 */
export interface PictureSettings extends RegionSettings {
  readonly prompt: string;
  readonly steps: number;
  readonly seed: number;
  /** Pixels, multiples of 64. */
  readonly width: number;
  readonly height: number;
  readonly cfgScale: number;
  readonly karrasMax?: number;
  readonly seamlessAxes: SeamlessAxes;
  readonly sampler: string;
  readonly rng: NonNullable<LineValues["rng"]>;
  /** Keep the weights of a mixture as they are written. */
  readonly skipNormalize?: true;
  /** Go on in further windows of 77 tokens. */
  readonly longPrompts?: true;
  /** Layer of the text encoder, counted from the last one; 2 or more. */
  readonly clipSkip?: number;
  /** Mixed into the noise of the seed one after the other. */
  readonly withVariations: readonly Variation[];
  /** File of the picture to begin with; without it `fit` is absent, too. */
  readonly initImg?: string;
  /** True: `width` and `height` are a box for it. False: it keeps its own size, whatever they say. */
  readonly fit?: boolean;
  /** Share of the steps that is run on it, or in the second pass of `hiresFix`, 0 … 1. */
  readonly strength?: number;
  /** File whose colours the finished picture gets. */
  readonly initColor?: string;
  /** Share of gradient noise in the starting noise, above 0 … 1. */
  readonly perlin?: number;
  /** Largest size of the latents' values behind a step, above 0. */
  readonly threshold?: number;
  /** Shares of the steps, above 0 … 1, at which the left half is mirrored to the right and the upper one to the bottom. */
  readonly hSymmetryTimePct?: number;
  readonly vSymmetryTimePct?: number;
  /** Drawn in the model's size first, then enlarged and refined; there is no initial picture then. */
  readonly hiresFix?: true;
  /** Share of the picture with restored faces in the result, above 0 … 1; the faces of the enlarged picture, where it is enlarged. */
  readonly facetoolStrength?: number;
  /** What restores them; there with a strength alone. */
  readonly facetool?: FaceTool;
  /** codeformer: 0 for the finest face, 1 for the most similar one; there with it alone. */
  readonly codeformerFidelity?: number;
  /**
   * The initial picture is enlarged and drawn again in tiles of `width`×`height`: scale; share of the sharper enlargement, 0 … 1; overlap, below 1
   * a share of a tile, else pixels. `strength` is that of every tile.
   */
  readonly embiggen?: readonly [scale: number, share: number, overlap: number];
  /** Numbers of the only tiles that are drawn, from 1. */
  readonly embiggenTiles?: readonly number[];
  /** What the finished picture is enlarged by: a whole factor from 2, and the share of the sharper enlargement, 0 … 1. */
  readonly upscale?: readonly [factor: number, strength: number];
}
