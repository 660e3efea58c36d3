import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { DreamError } from "../../../lib/errors.js";
import { ModelCatalogue } from "../../../lib/repl/model-catalogue.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type OpenSession, openSession } from "./open-session.js";

const root = await temporaryFolder();

async function open(...switches: string[]): Promise<OpenSession> {
  const opened = await openSession(switches);
  const text = "tiny: { path: /models/tiny }\nGreat: { path: /models/great, steps: 4, width: 64 }\nsd: { path: /a }\nSD: { path: /b }\n";
  writeFileSync(join(opened.folder, "models.yaml"), text);
  return opened;
}

test.each(["Great", "great"])("!switch %s brings the model's size and preferences", async (name) => {
  const { session, engine, said } = await open();
  engine.facts = { width: 256, height: 192 };
  expect(await session.submit(`!switch ${name}`)).toBe("done");
  expect(said("text")).toContain(">> Loading Great from /models/great");
  expect(engine.loads.at(-1)).toMatchObject({ path: "/models/great", memory: "auto", modelCache: "off", threads: 1 });
  await session.submit("a -S1");
  expect(engine.jobs.at(-1)).toMatchObject({ width: 64, height: 192, steps: 4 });
  expect(said("text")).toContain("# model_id=Great");
});

test("a path is taken as --model takes it", async () => {
  const { session, engine, folder } = await open();
  mkdirSync(join(folder, "My Model"));
  expect(await session.submit(`!switch "${folder}/My Model"`)).toBe("done");
  expect(engine.loads.at(-1)?.path).toBe(join(folder, "My Model"));
});

test.each([
  ["nonsense", '** "nonsense" is not a known model name. Cannot change.'],
  ["Sd", '** "Sd" is not a known model name. Cannot change.'],
  ["", "** please name a model: !switch NAME; !models lists them"],
])("!switch %p is refused", async (name, sentence) => {
  const { session, engine, said } = await open();
  expect(await session.submit(`!switch ${name}`)).toBe("failed");
  expect(said("problem")).toBe(sentence);
  expect(engine.loads).toHaveLength(1);
});

test("the model in use is not loaded again, and nothing is said", async () => {
  const { session, engine, events } = await open();
  const before = events.length;
  expect(await session.submit("!switch tiny")).toBe("done");
  expect(engine.loads).toHaveLength(1);
  expect(events).toHaveLength(before);
});

test("a model that cannot be loaded changes nothing", async () => {
  const { session, engine, said } = await open();
  engine.loadFailure = new DreamError("model/config", "/models/great is broken");
  expect(await session.submit("!switch Great")).toBe("failed");
  expect(said("problem")).toBe("** model Great could not be loaded: /models/great is broken; mend the file or remove it");
  expect(said("text")).toMatch(/>> tiny stays in use$/);
  await session.submit("a -S1");
  expect(engine.jobs.at(-1)).toMatchObject({ width: 128, height: 64, steps: 3 });
  expect(said("text")).toContain("# model_id=tiny");
});

test("a model that stayed loaded is said to come from memory", async () => {
  const { session, engine, said } = await open();
  engine.facts = { fromMemory: true, notices: [] };
  await session.submit("!switch Great");
  expect(said("text").split("\n").at(-1)).toBe(">> Retrieving model Great from system RAM cache");
});

test("a line typed before the first model is there waits for it", async () => {
  const { session, engine } = await open();
  engine.stepMilliseconds = 20;
  const results = await Promise.all([session.submit("!switch Great"), session.submit("!switch tiny")]);
  expect(results).toEqual(["done", "done"]);
  expect(engine.loads.map(({ path }) => path)).toEqual(["/models/tiny", "/models/great", "/models/tiny"]);
});

test("where there is a root it remembers the model", async () => {
  const folder = join(root, "with-root");
  mkdirSync(folder);
  writeFileSync(join(folder, "models.yaml"), "b: { path: /models/b }\n");
  const catalogue = new ModelCatalogue(join(folder, "models.yaml"), { memory: "auto", modelCache: "off", threads: 1 }, folder);
  const { session } = await openSession([], { catalogue });
  await session.submit("!switch b");
  expect(readFileSync(join(folder, ".last_model"), "utf8")).toBe("b\n");
  expect(await catalogue.lastModel()).toBe("b");
});

test("without a root nothing is written", async () => {
  const { session, folder } = await open();
  await session.submit("!switch Great");
  expect(existsSync(join(folder, ".last_model"))).toBe(false);
});
