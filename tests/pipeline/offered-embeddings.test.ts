import { copyFileSync, mkdtempSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import type { TextEncoder } from "../../lib/networks/network-sessions.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { OfferedEmbeddings } from "../../lib/pipeline/offered-embeddings.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const SD1 = path.join(MINIATURES, "sd1");
const SAMPLES = path.join(ORACLES, "embeddings", "files");
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

test("an embedding that comes while the program runs is used by the next picture, and only by those with its word", async () => {
  const { load, draw, said } = open();
  const folder = mkdtempSync(path.join(root, "case-"));
  expect(await load(SD1, folder)).toMatchObject({ triggers: [], notices: [] });
  const [word, none] = [await draw("a <cat-toy>"), await draw("a house")];
  copyFileSync(path.join(SAMPLES, "learned_embeds.bin"), path.join(folder, "learned_embeds.bin"));
  expect(await draw("a <cat-toy>")).not.toEqual(word);
  expect(await draw("a house")).toEqual(none);
  expect(said).toEqual([
    "<cat-toy> is the trigger of no embedding that this model can use and is read as text",
    "Textual inversion triggers: <cat-toy>",
  ]);
  const file = path.join(folder, "learned_embeds.bin");
  expect(await load(SD1, folder)).toMatchObject({ fromMemory: true, notices: [], triggers: [{ trigger: "<cat-toy>", vectors: 1, file }] });
});

function encoder(width: number, addTokens?: TextEncoder["addTokens"]): TextEncoder {
  return { width, addTokens, encode: async () => new Float32Array(), canHide: async () => true, release: async () => {} };
}

test("what there is for a model is told when it is loaded, and again for another width", async () => {
  const offered = new OfferedEmbeddings();
  const told = async (width: number) =>
    (
      await offered.offer(
        SAMPLES,
        encoder(width, () => 0),
      )
    ).notices.join();
  expect(await told(16)).toBe("Textual inversion triggers: by-somebody, <cat-toy>, <original>, <params>, <one>, <two>");
  expect(await told(16)).toBe("");
  expect(await told(768)).toMatch(/^embeddings for models with 16 numbers a token are not used, for this one has 768: a1111\.pt, /);
  expect(await told(16)).toContain("triggers");
});

test("an exported model says that it cannot use any", async () => {
  const { notices } = await new OfferedEmbeddings().offer(SAMPLES, encoder(16));
  expect(notices.join()).toContain("the text encoder of an exported model");
});
