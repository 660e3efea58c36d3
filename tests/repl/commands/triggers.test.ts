import { expect, test } from "@jest/globals";
import type { LoadRequest } from "../../../lib/engine/protocol.js";
import { type OpenSession, openSession } from "./open-session.js";

const TRIGGERS = [
  { trigger: "<b>", vectors: 2, file: "/e/b.pt" },
  { trigger: "A", vectors: 1, file: "/e/a.bin" },
];

function open(request: Partial<LoadRequest>): Promise<OpenSession> {
  const whole = { path: "/models/tiny", memory: "auto", modelCache: "off", threads: 1, ...request } as const;
  return openSession([], { model: { id: "tiny", request: whole, defaults: { steps: 3 }, notices: [] } });
}

test("lists what each word takes and where it comes from, as it is now", async () => {
  const { session, said, engine } = await open({ embeddings: "/e" });
  expect(await session.triggers()).toEqual([]);
  engine.facts = { triggers: TRIGGERS, notices: ["a new one"] };
  expect(await session.submit("!triggers")).toBe("done");
  expect(said("text")).toContain(">> a new one");
  expect(said("text")).toContain("<b>                        2 vectors  /e/b.pt\nA                           1 vector  /e/a.bin");
  expect(engine.loads.length).toBe(2);
  expect(await session.triggers()).toEqual(["<b>", "A"]);
});

test("says where it looked when there are none", async () => {
  const { session, said } = await open({ embeddings: "/e" });
  expect(await session.submit("!triggers")).toBe("done");
  expect(said("text")).toContain("no embedding for this model in /e");
});

test("says that embeddings are switched off", async () => {
  const { session, said } = await open({});
  expect(await session.submit("!triggers")).toBe("done");
  expect(said("text")).toContain("embeddings are switched off");
});
