import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";
import { openSession } from "./commands/open-session.js";

const NOTATION = ["--prompt_notation=a1111"];
const dreamOf = (path: string) => readPngText(readFileSync(path), path).find(({ keyword }) => keyword === "Dream")?.text;

test("a typed prompt is translated, told, and recorded in our notation", async () => {
  const { session, engine, folder, said } = await openSession(NOTATION);
  expect(await session.submit("a (cat:1.2) Negative prompt: [fog] -S5")).toBe("done");
  expect(engine.jobs[0]?.prompt).toBe("a (cat)1.2 [(fog)0.91]");
  expect(said("text")).toContain('>> In the notation of this program: "a (cat)1.2 [(fog)0.91]" -S5\n');
  const dream = dreamOf(join(folder, "000001.5.png"));
  expect(dream).toBe('"a (cat)1.2 [(fog)0.91]" -s 3 -S 5 -W 128 -H 64 -C 7.5 -A k_lms # model_id=tiny');
  await session.submit(dream as string);
  expect(engine.jobs[1]?.prompt).toBe("a (cat)1.2 [(fog)0.91]");
});

test("what it cannot say is told, and a prompt that is the same in both is not", async () => {
  const { session, said } = await openSession(NOTATION);
  await session.submit("a BREAK b");
  expect(said("text")).toContain(">> BREAK is not possible here");
  await session.submit("a red cat");
  expect(said("text").match(/In the notation/g)).toHaveLength(1);
});

test("without the switch nothing is translated", async () => {
  const { session, engine } = await openSession();
  await session.submit("a (cat:1.2) here");
  expect(engine.jobs[0]?.prompt).toBe("a (cat:1.2) here");
});

test.each([
  [NOTATION, '"a (cat)1.2" .* # model_id=$'],
  [[], '"a (cat)1.2" .*--rng cuda$'],
])("with %j a fetched line of an unnamed model says whose notation it has", async (switches, pattern) => {
  const { session, events, folder } = await openSession(switches);
  const parameters = "a (cat:1.2)\nSteps: 20, Sampler: LMS, Seed: 5, Size: 64x64";
  writeFileSync(join(folder, "foreign.png"), pngWithChunks([textChunk.tEXt("parameters", parameters)]));
  await session.submit("!fetch foreign.png");
  const [line] = events.flatMap((event) => (event.type === "prefill" ? [event.line] : []));
  expect(line).toMatch(new RegExp(pattern.replace(/[()]/g, "\\$&")));
});

test("a contact sheet is recorded in our notation", async () => {
  const { session, folder, engine } = await openSession(NOTATION);
  await session.submit("a {(red:1.2)|[blue]} cat -S5 -g");
  expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(["a (red)1.2 cat", "a (blue)0.91 cat"]);
  const [sheet = ""] = readdirSync(folder).filter((name) => name.endsWith(".png"));
  expect(dreamOf(join(folder, sheet))).toContain('"a {(red)1.2|(blue)0.91} cat" -S5 -g');
});
