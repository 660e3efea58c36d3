import { copyFileSync, mkdtempSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const SD1 = path.join(MINIATURES, "sd1");
const SAMPLES = path.join(ORACLES, "embeddings", "files");
const EXPORTED = path.join(ORACLES, "onnx-folder", "diffusers");
const root = await temporaryFolder();

/** A session, and what it says of pictures and models. */
function open() {
  const session = new ModelSession();
  const said: string[] = [];
  const report = {
    signal: new AbortController().signal,
    notice: (text: string) => said.push(text),
    stage: () => {},
    step: () => {},
    previewEvery: 0,
  };
  const load = (folder: string, embeddings?: string) => session.load({ ...loadRequest(folder), embeddings }, report);
  const draw = async (prompt: string) => [...(await session.generate(job({ prompt, steps: 2 }), report)).image.rgb];
  return { load, draw, said };
}

test("an embedding that comes while the program runs is used by the next picture", async () => {
  const { load, draw, said } = open();
  const folder = mkdtempSync(path.join(root, "case-"));
  expect(await load(SD1, folder)).toMatchObject({ triggers: [], notices: [] });
  const before = await draw("a <cat-toy>");
  copyFileSync(path.join(SAMPLES, "learned_embeds.bin"), path.join(folder, "learned_embeds.bin"));
  expect(await draw("a <cat-toy>")).not.toEqual(before);
  expect(said).toEqual([
    "<cat-toy> is the trigger of no embedding that this model can use and is read as text",
    "Textual inversion triggers: <cat-toy>",
  ]);
  const file = path.join(folder, "learned_embeds.bin");
  expect(await load(SD1, folder)).toMatchObject({ fromMemory: true, notices: [], triggers: [{ trigger: "<cat-toy>", vectors: 1, file }] });
});

test("pictures without triggers are those that they were", async () => {
  const plain = open();
  await plain.load(SD1);
  const offered = open();
  expect((await offered.load(SD1, SAMPLES)).triggers).toHaveLength(6);
  expect(await offered.draw("<params> [<two>]")).not.toEqual(await plain.draw("<params> [<two>]"));
  expect(await offered.draw("a house")).toEqual(await plain.draw("a house"));
});

test("an exported model says that it cannot use any", async () => {
  const { load } = open();
  const loaded = await load(EXPORTED, SAMPLES);
  expect(loaded.triggers).toEqual([]);
  expect(loaded.notices.join()).toContain("the text encoder of an exported model");
});
