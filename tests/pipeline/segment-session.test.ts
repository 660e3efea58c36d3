import { copyFileSync, cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { GeneratedImage } from "../../lib/engine/protocol.js";
import { heatLevels, maskOfHeat } from "../../lib/images/painting/heat-mask.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { SegmentSession } from "../../lib/pipeline/segment-session.js";
import { floats, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

interface Case {
  readonly picture: string;
  readonly number: number;
  readonly text: string;
  readonly threshold: number;
}

const FOLDER = join(ORACLES, "segmenter");
const EXPORTED = join(FOLDER, "clipseg-onnx");
const WEIGHTS = join(FOLDER, "clipseg");
const oracle = readOracle("../segmenter/values");
const cases = JSON.parse(readFileSync(join(FOLDER, "cases.json"), "utf8")) as Case[];
const quiet = { signal: new AbortController().signal, notice: () => {} };

async function picture(name: string): Promise<GeneratedImage> {
  const { width, height, rgb } = await decodePicture(readFileSync(join(FOLDER, `${name}.png`)), name);
  return { width, height, rgb };
}

const logit = (share: number) => Math.log(share / (1 - share));

const pickled = join(await temporaryFolder(), "clipseg");
cpSync(WEIGHTS, pickled, { recursive: true });
rmSync(join(pickled, "model.safetensors"));
copyFileSync(join(ORACLES, "segmenter-torch", "pytorch_model.bin"), join(pickled, "pytorch_model.bin"));

describe.each([
  ["an exported graph", EXPORTED],
  ["weights", WEIGHTS],
  ["weights by torch", pickled],
])("%s", (_, segmenter) => {
  const session = new SegmentSession();
  afterAll(() => session.release());

  test.each(cases)("picture $picture, $text: the mask of CLIPSeg and Pillow", async ({ picture: name, number, text, threshold }) => {
    const image = await picture(name);
    const map = await session.segment({ segmenter, picture: image, text, threads: 1 }, quiet);
    const sparse = map.heat.filter((_, i) => Math.floor(i / map.side) % 4 === 0 && i % 4 === 0).map(logit);
    expect(relativeError(sparse, floats(oracle, `logits.${name}.${number}`))).toBeLessThan(1e-4);
    const { rgb: mask } = await picture(`mask.${name}.${number}`);
    expect([...(await maskOfHeat(map, image, threshold))]).toEqual([...mask.filter((_, i) => i % 3 === 0)]);
  });
});

test("the shades of what is selected and deselected are Pillow's", async () => {
  const session = new SegmentSession();
  const [{ text }] = cases as [Case];
  const image = await picture("a");
  const map = await session.segment({ segmenter: EXPORTED, picture: image, text, threads: 1 }, quiet);
  for (const [name, inverted] of [
    ["selected", false],
    ["deselected", true],
  ] as const) {
    const { alpha } = await decodePicture(readFileSync(join(FOLDER, `${name}.png`)), name);
    const levels = await heatLevels(map, image, inverted);
    // Shares of 255 are cut off, and the last digits of a sigmoid are anybody's.
    expect(Math.max(...levels.map((level, i) => Math.abs(level - alpha![i]!)))).toBeLessThanOrEqual(1);
  }
  await session.release();
});

test("of a long text the first 75 tokens count, and the rest is named", async () => {
  const session = new SegmentSession();
  const notices: string[] = [];
  const job = { segmenter: EXPORTED, picture: await picture("a"), threads: 1 };
  const words = "1 ".repeat(75);
  const long = await session.segment({ ...job, text: `${words}2 3` }, { ...quiet, notice: (text) => notices.push(text) });
  expect(notices).toEqual(["-tm: the text is too long; left out: 2 3"]);
  expect(long).toEqual(await session.segment({ ...job, text: words }, quiet));
  await session.release();
});
