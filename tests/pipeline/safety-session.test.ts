import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { GeneratedImage } from "../../lib/engine/protocol.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { openSafetyChecker } from "../../lib/models/open-safety-checker.js";
import { clipPixels } from "../../lib/pipeline/prepare-pixels.js";
import { createClipVision } from "../../lib/pipeline/safety-checker.js";
import { SafetySession } from "../../lib/pipeline/safety-session.js";
import { floats, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const FOLDER = join(ORACLES, "safety-checker");
const WEIGHTS = join(FOLDER, "diffusers", "safety_checker");
const oracle = readOracle("../safety-checker/values");
const root = await temporaryFolder();
const report = { signal: new AbortController().signal, notice: () => {} };

async function picture(name: string): Promise<GeneratedImage> {
  const { width, height, rgb } = await decodePicture(readFileSync(join(FOLDER, `${name}.png`)), name);
  return { width, height, rgb };
}

test.each(["a", "b"])("picture %s is prepared and embedded as by transformers", async (name) => {
  const files = await openSafetyChecker(WEIGHTS);
  if ("graph" in files) throw new Error("not the weights");
  const pixels = await clipPixels(await picture(name), files.recipe);
  const sparse = pixels.filter((_, i) => Math.floor(i / 224) % 16 === 0 && i % 16 === 0);
  expect(relativeError(sparse, floats(oracle, `pixels.${name}`))).toBeLessThan(1e-6);
  const vision = createClipVision(files, 1);
  expect(relativeError(await vision.embed(pixels), floats(oracle, `embeds.${name}`))).toBeLessThan(1e-4);
  await vision.release();
});

test.each([
  ["weights", WEIGHTS],
  ["an exported graph", join(FOLDER, "onnx")],
])("%s: the pictures that diffusers finds unsafe", async (_, checker) => {
  const session = new SafetySession();
  const verdicts = [];
  for (const name of ["a", "b"]) verdicts.push(await session.check({ checker, picture: await picture(name), threads: 1 }, report));
  expect(verdicts).toEqual([true, false]);
  await session.release();
});

test("transformers 5 writes the tower's names without their first level", async () => {
  const folder = mkdtempSync(join(root, "new-"));
  cpSync(WEIGHTS, folder, { recursive: true });
  const path = join(folder, "model.safetensors");
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = bytes.toString("utf8", 8, 8 + length).replaceAll('"vision_model.vision_model.', '"vision_model.');
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), Buffer.from(header.padEnd(length)), bytes.subarray(8 + length)]));
  const session = new SafetySession();
  expect(await session.check({ checker: folder, picture: await picture("a"), threads: 1 }, report)).toBe(true);
  await session.release();
});

test("a checker that was replaced is read again", async () => {
  const folder = mkdtempSync(join(root, "replaced-"));
  cpSync(WEIGHTS, folder, { recursive: true });
  const session = new SafetySession();
  const job = { checker: folder, picture: await picture("a"), threads: 1 };
  expect(await session.check(job, report)).toBe(true);
  rmSync(join(folder, "model.safetensors"));
  await expect(session.check(job, report)).rejects.toMatchObject({ code: "model/missing-file" });
  copyFileSync(join(FOLDER, "onnx", "model.onnx"), join(folder, "model.onnx"));
  expect(await session.check(job, report)).toBe(true);
  await session.release();
});
