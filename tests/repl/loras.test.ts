import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { openSession } from "./commands/open-session.js";

const loras = await temporaryFolder();
writeFileSync(join(loras, "ink.v2.safetensors"), "");
const ink = { name: "ink.v2", path: join(loras, "ink.v2.safetensors") };
const SWITCHES = [`--lora_directory=${loras}`];

test("the job carries a LoRA's file and weight, the picture its name; the recorded line asks for the same", async () => {
  const { session, engine, folder } = await openSession(SWITCHES);
  await session.submit("a cat withLora(ink.v2,0.8) -S5");
  const path = join(folder, "000001.5.png");
  const dream = readPngText(readFileSync(path), path).find(({ keyword }) => keyword === "Dream")?.text ?? "";
  expect(dream).toContain('"a cat withLora(ink.v2,0.8)"');
  await session.submit(dream);
  expect(engine.jobs.map((job) => job.loras)).toEqual([[{ ...ink, weight: 0.8 }], [{ ...ink, weight: 0.8 }]]);
});

test("a sweep through weights asks for each; without weight the job carries none", async () => {
  const { session, engine } = await openSession(SWITCHES);
  await session.submit("a cat withLora(ink.v2,{-0.5|0|1}) -S5");
  expect(engine.jobs.map((job) => job.loras)).toEqual([[{ ...ink, weight: -0.5 }], undefined, [{ ...ink, weight: 1 }]]);
});

test("an unknown name is told once for all pictures of a line, which are made", async () => {
  const { session, engine, said } = await openSession(SWITCHES);
  expect(await session.submit("a cat withLora(nothing) -n3")).toBe("done");
  expect(engine.jobs.map((job) => job.loras)).toEqual([undefined, undefined, undefined]);
  expect(said("text").match(/\*\* Unable to find lora: nothing/g)).toHaveLength(1);
});

test("AUTOMATIC1111's notation names the same file", async () => {
  const { session, engine } = await openSession([...SWITCHES, "--prompt_notation=a1111"]);
  await session.submit("a (cat:1.2) <lora:ink.v2:0.8> -S5");
  expect(engine.jobs[0]).toMatchObject({ prompt: "a (cat)1.2 withLora(ink.v2,0.8)", loras: [{ ...ink, weight: 0.8 }] });
});
