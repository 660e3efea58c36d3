import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { EngineStatus } from "../../../lib/engine/engine.js";
import { openSession } from "./open-session.js";

const NOTHING: EngineStatus = {
  rssBytes: 0,
  peakRssBytes: 0,
  models: [],
  sessions: 0,
  pictures: 0,
  totals: { conditioning: 0, sampling: 0, decoding: 0 },
  current: true,
};

async function stats(status: Partial<EngineStatus>): Promise<string> {
  const { session, engine, folder, events } = await openSession();
  writeFileSync(join(folder, "models.yaml"), "Great: { path: /models/great }\n");
  engine.status = async () => ({ ...NOTHING, ...status });
  expect(await session.submit("!stats")).toBe("done");
  const last = events.at(-1);
  return last?.type === "text" ? last.text : "";
}

test("while nothing is loaded and nothing was made", async () => {
  expect(await stats({})).toMatch(
    new RegExp(
      [
        "^pictures drawn   0",
        "model in use     none is loaded",
        "sessions         0 of onnxruntime",
        "memory, engine   the engine is not running",
        "memory, program  [\\d.]+ [MG]B, at most [\\d.]+ [MG]B so far$",
      ].join("\n"),
    ),
  );
});

test("times of the last picture and of all", async () => {
  const text = await stats({
    pictures: 3,
    lastPicture: { conditioning: 0.1, sampling: 10, decoding: 1.25 },
    totals: { conditioning: 0.5, sampling: 30, decoding: 4 },
    lastLoadSeconds: 2.5,
  });
  expect(text.split("\n").slice(0, 4)).toEqual([
    "pictures drawn     3",
    "last picture       11.35s: prompt 0.10s, sampling 10.00s, decoding 1.25s",
    "all pictures       34.50s: prompt 0.50s, sampling 30.00s, decoding 4.00s",
    "loading the model  2.50s",
  ]);
});

test("models by their names, with mode and weights; memory", async () => {
  const model = { family: "SD 1.x", memoryMode: "lean", weightBytes: 3.44e9, active: false } as const;
  const text = await stats({
    models: [
      { ...model, path: "/models/great" },
      { ...model, path: "/elsewhere", weightBytes: 12_300_000 },
      { ...model, path: "/models/tiny", active: true, memoryMode: "fast" },
    ],
    sessions: 9,
    rssBytes: 5.5e9,
    peakRssBytes: 6e9,
    current: false,
  });
  expect(text).toContain(
    [
      "model kept       Great: SD 1.x, lean memory mode, 3.44 GB of weights",
      "model kept       /elsewhere: SD 1.x, lean memory mode, 12.3 MB of weights",
      "model in use     tiny: SD 1.x, fast memory mode, 3.44 GB of weights",
      "sessions         9 of onnxruntime when the engine last had time to say so",
      "memory, engine   5.50 GB, at most 6.00 GB so far",
    ].join("\n"),
  );
});

test("a registry that cannot be read is no reason to say nothing", async () => {
  const { session, engine, said } = await openSession();
  engine.loaded = [{ path: "/elsewhere", family: "SD 1.x", memoryMode: "lean", weightBytes: 500, active: true }];
  expect(await session.submit("!stats")).toBe("done");
  expect(said("text")).toContain("model in use     /elsewhere: SD 1.x, lean memory mode, 500 bytes of weights");
});
