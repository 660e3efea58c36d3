import { describe, expect, test } from "@jest/globals";
import { readCommand, seedFromName } from "../../../lib/images/metadata/read-command.js";
import { pngWithChunks, textChunk } from "../../support/png-with-chunks.js";

const DREAM = '"a café" -s50 -W64 -H64 -C7.5 -Ak_lms -S5';
const LINE = '"a café" -s 50 -S 5 -W 64 -H 64 -C 7.5 -A k_lms';

describe.each(["tEXt", "zTXt", "iTXt", "compressedITXt"] as const)("%s", (kind) => {
  test("before the pixels", () => expect(readCommand(pngWithChunks([textChunk[kind]("Dream", DREAM)]), "x.png")?.line).toBe(LINE));
  test("behind the pixels", () => expect(readCommand(pngWithChunks([], [textChunk[kind]("Dream", DREAM)]), "x.png")?.line).toBe(LINE));
});

test("a picture without text says nothing", () => expect(readCommand(pngWithChunks([]), "000001.5.png")).toBeUndefined());

test("JSON before Dream before parameters before meta, wherever they stand", () => {
  const chunks = [
    textChunk.tEXt("meta", '{"prompt":"four","seed":"4"}'),
    textChunk.tEXt("parameters", "three\nSteps: 3, Seed: 3"),
    textChunk.tEXt("Dream", '"two" -s2 -S2'),
    textChunk.tEXt("sd-metadata", '{"image":{"prompt":"one","seed":1}}'),
  ];
  for (const [i, prompt] of ["four", "three", "two", "one"].entries()) {
    expect(readCommand(pngWithChunks(chunks.slice(0, i + 1)), "x.png")?.parsed.prompt).toBe(prompt);
  }
});

test("an empty text chunk says nothing", () => {
  expect(readCommand(pngWithChunks([textChunk.tEXt("Dream", "")]), "x.png")).toBeUndefined();
});

test.each([
  ["outputs/000017.4829112.png", 4829112],
  ["0000045.4829112.png", 4829112],
  ["000017.4829112.gfpgan-00.png", 4829112],
  ["00009.png", undefined],
  ["000017.99999999999.png", undefined],
  ["cat.png", undefined],
])("the seed in the name %s is %s", (name, seed) => expect(seedFromName(name)).toBe(seed));
