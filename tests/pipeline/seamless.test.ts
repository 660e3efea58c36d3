import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";

/** The model that ships: a picture of random weights has no inside that a seam could stand out from. */
const MODEL = path.join(PACKAGE_ROOT, "configs", "models", "crayon");
const SCENE = { prompt: "three yellow stars on the sea", seed: 3, steps: 6, cfgScale: 5, width: 128, height: 64 };

/** Mean difference of two neighbouring columns (or rows), of which the second may lie behind the border. */
function stepBetween({ rgb, width, height }: GeneratedImage, axis: "x" | "y", at: number): number {
  const [length, across] = axis === "x" ? [width, height] : [height, width];
  const next = (at + 1) % length;
  let sum = 0;
  for (let i = 0; i < across; i++) {
    const one = axis === "x" ? i * width + at : at * width + i;
    const other = axis === "x" ? i * width + next : next * width + i;
    for (let channel = 0; channel < 3; channel++) sum += Math.abs(rgb[one * 3 + channel]! - rgb[other * 3 + channel]!);
  }
  return sum / across / 3;
}

/** The picture moved by half its size to the right and down; what leaves it comes in on the other side. */
function rolled({ rgb, width, height }: GeneratedImage): GeneratedImage {
  const moved = new Uint8Array(rgb.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = (((y + height / 2) % height) * width + ((x + width / 2) % width)) * 3;
      moved.set(rgb.subarray(from, from + 3), to);
    }
  }
  return { width, height, rgb: moved };
}

/** The step over the border, and the largest one inside. */
function seam(picture: GeneratedImage, axis: "x" | "y"): { border: number; inside: number } {
  const last = (axis === "x" ? picture.width : picture.height) - 1;
  const inside = Array.from({ length: last }, (_, at) => stepBetween(picture, axis, at));
  return { border: stepBetween(picture, axis, last), inside: Math.max(...inside) };
}

describe("a picture laid beside itself", () => {
  const session = new ModelSession();
  const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {}, step: () => {}, previewEvery: 0 };

  beforeAll(async () => {
    await session.load(loadRequest(MODEL), report);
  });

  test.each(["", "x", "y", "xy"] as const)("seamless %j has no seam on its axes and one on the others", async (seamless) => {
    const { image } = await session.generate(job({ ...SCENE, seamless }), report);
    for (const axis of ["x", "y"] as const) {
      const { border, inside } = seam(image, axis);
      if (seamless.includes(axis)) expect(border).toBeLessThanOrEqual(inside);
      else expect(border).toBeGreaterThan(inside);
    }
  });

  test.each<[string, Partial<GenerationJob>]>([
    ["in one pass", { width: 128, height: 128 }],
    ["in two passes, the first one of 41×24 latents", { width: 320, height: 192, steps: 4, hiresStrength: 0.75 }],
  ])("rolled by half, a picture %s shows no seam in its middle", async (_, wishes) => {
    const { image } = await session.generate(job({ ...SCENE, seamless: "xy", ...wishes }), report);
    const moved = rolled(image);
    for (const axis of ["x", "y"] as const) {
      const length = axis === "x" ? moved.width : moved.height;
      const steps = Array.from({ length: length - 1 }, (_step, at) => stepBetween(moved, axis, at));
      const middle = length / 2 - 1;
      expect(steps[middle]).toBeLessThanOrEqual(Math.max(...steps.toSpliced(middle, 1)));
    }
  });
});
