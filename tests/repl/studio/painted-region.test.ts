import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { PaintedRegion } from "../../../lib/engine/protocol.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { openSession } from "../commands/open-session.js";

/** What `-I` and `-M` give the engine to paint. */

const folder = await temporaryFolder();
const at = (name: string) => join(folder, name);

/** A picture of 64×64 whose left half has one colour and whose right half another. */
async function halves(name: string, left: readonly number[], right: readonly number[], size = { width: 64, height: 64 }): Promise<void> {
  const channels = left.length as 1 | 3 | 4;
  const pixels = Array.from({ length: size.width * size.height }, (_, i) => (i % size.width < size.width / 2 ? left : right));
  await sharp(Uint8Array.from(pixels.flat()), { raw: { ...size, channels } }).toFile(at(name));
}

beforeAll(async () => {
  await halves("opaque.png", [10, 20, 30], [40, 50, 60]);
  await halves("coloured.png", [10, 20, 30, 255], [40, 50, 60, 0]);
  await halves("erased.png", [10, 20, 30, 255], [0, 0, 0, 0]);
  await halves("soft.png", [10, 20, 30, 255], [40, 50, 60, 100]);
  await halves("mask.png", [255], [0]);
  await halves("upper.png", [255, 255, 255, 0], [0, 0, 0, 255]);
  await halves("red.png", [255, 255, 255], [255, 0, 0]);
  await halves("white.png", [255], [255]);
  await halves("large.png", [255], [0], { width: 640, height: 512 });
  await halves("strip.png", [255], [0], { width: 640, height: 64 });
});

async function paint(line: string): Promise<{ region: PaintedRegion | undefined; said: string; problem: string; dream: string }> {
  const { session, engine, said } = await openSession();
  await session.submit(`a -S5 ${line}`);
  return {
    region: engine.jobs[0]?.init?.region,
    said: said("text"),
    problem: said("problem"),
    dream: said("text").split(".png: ").at(-1) ?? "",
  };
}

/** The level of the left and of the right half. */
function sides(levels: Uint8Array | undefined): number[] | undefined {
  return levels && [levels[10]!, levels[50]!];
}

describe("which part is painted", () => {
  test.each([
    ["-I opaque.png -M mask.png", [255, 0], undefined],
    ["-I opaque.png -M mask.png --invert_mask", [0, 255], undefined],
    ["-I opaque.png -M upper.png", [0, 255], undefined],
    ["-I opaque.png -M red.png", [255, 76], undefined],
    ["-I coloured.png", [255, 0], [255, 0]],
    ["-I soft.png", [255, 100], [255, 100]],
    ["-I coloured.png --invert_mask", [0, 255], undefined],
    ["-I coloured.png -M upper.png", [0, 0], [255, 0]],
    ["-I opaque.png -M large.png", [255, 0], undefined],
  ])("%s", async (line, keep, alpha) => {
    const { region, problem } = await paint(line.replace(/(\w+\.png)/g, at("$1")));
    expect(problem).toBe("");
    expect(region?.keep).toHaveLength(64 * 64);
    expect(sides(region?.keep)).toEqual(keep);
    expect(sides(region?.alpha)).toEqual(alpha);
  });

  test("without mask and transparency it is all of the picture", async () => {
    expect((await paint(`-I ${at("opaque.png")}`)).region).toBeUndefined();
  });

  test("the mask is fitted as its picture is", async () => {
    const { region } = await paint(`-I ${at("opaque.png")} -M ${at("mask.png")} --fit -W128 -H192`);
    expect(region?.keep).toHaveLength(128 * 128);
  });
});

describe("what is below transparent pixels", () => {
  test.each([
    ["coloured.png", undefined],
    ["coloured.png --force_outpaint", { method: "patchmatch", tileSize: 32 }],
    ["coloured.png --tile_size 16", { method: "tile", tileSize: 16 }],
    ["erased.png", { method: "patchmatch", tileSize: 32 }],
    ["erased.png --infill_method solid", { method: "solid", tileSize: 32 }],
    ["soft.png", undefined],
  ])("%s", async (line, infill) => {
    expect((await paint(`-I ${at(line)}`)).region?.infill).toEqual(infill);
  });

  test("erased colours are told, but not for a border that is meant", async () => {
    const warning = ">> WARNING: Colors underneath the transparent region seem to have been erased.";
    const inpaints = ">> Initial image has transparent areas. Will inpaint in these regions.";
    expect((await paint(`-I ${at("erased.png")}`)).said).toContain(`${inpaints}\n${warning}`);
    const meant = await paint(`-I ${at("erased.png")} --force_outpaint`);
    expect(meant.said).toContain(inpaints);
    expect(meant.said).not.toContain(warning);
    expect((await paint(`-I ${at("coloured.png")}`)).said).not.toContain(warning);
  });
});

test("the switches reach the engine, and are recorded", async () => {
  const { region, dream } = await paint(`-I ${at("opaque.png")} -M ${at("mask.png")} -r.3 --seam_size 20 --seam_steps 7`);
  expect(region).toMatchObject({ replace: 0.3, seam: { size: 20, blur: 0, strength: 0.7, steps: 7 }, softEdge: 8 });
  expect(dream).toContain(`-M ${at("mask.png")} -f 0.75 -r 0.3 --seam_size 20 --seam_steps 7 #`);
});

test.each([
  ["opaque.png -M missing.png", /missing\.png: File not found/],
  ["opaque.png -M white.png", /white\.png keeps the whole picture, nothing would be painted; --invert_mask exchanges its sides$/],
  ["opaque.png -M strip.png", /^\*\* the mask \S+strip\.png has 640x64 pixels, the picture 64x64: they do not belong together/],
  ["opaque.png --force_outpaint", /^\*\* --force_outpaint: \S+opaque\.png has no transparent part to paint/],
])("%s is refused in one line", async (line, sentence) => {
  const { problem, region } = await paint(`-I ${line.replace(/(\w+\.png)/g, at("$1"))}`);
  expect(problem).toMatch(sentence);
  expect(problem.split("\n")).toHaveLength(1);
  expect(region).toBeUndefined();
});

test("a mask of another size is told and resized", async () => {
  const { said } = await paint(`-I ${at("opaque.png")} -M ${at("large.png")}`);
  expect(said).toContain(`>> the mask ${at("large.png")} has 640x512 pixels, the picture 64x64; it is resized`);
});

test("switches about a part that is not there are told to change nothing", async () => {
  const { said } = await paint(`-I ${at("opaque.png")} -r.5 --seam_size 9`);
  expect(said).toContain("has no transparent part and there is no mask (-M): -r, --seam_size changes nothing");
});
