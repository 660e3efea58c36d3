import path from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { EngineClient } from "../../lib/engine/client.js";
import type { Generated } from "../../lib/engine/engine.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { job, loadRequest } from "./fakes.js";

const SD1 = path.join(MINIATURES, "sd1");
let engine: EngineClient;

afterEach(async () => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
  await engine.close();
});

test("the real engine survives kill -9 in the middle of a picture and then draws the same one", async () => {
  engine = new EngineClient();
  await engine.load(loadRequest(SD1));
  const before = (await engine.generate(job())) as Generated;
  const { pid } = engine;
  const interrupted = engine.generate(job({ steps: 500 }), { onStep: (step) => void (step === 3 && process.kill(pid!, "SIGKILL")) });
  await expect(interrupted).rejects.toMatchObject({ code: "engine/crashed" });
  const after = (await engine.generate(job())) as Generated;
  expect(engine.pid).not.toBe(pid);
  expect(Buffer.compare(after.image.rgb, before.image.rgb)).toBe(0);
});

test("a model that memory is too small for is refused in one line before it is loaded", async () => {
  process.env.DREAM_AVAILABLE_MEMORY = "1000";
  engine = new EngineClient();
  await expect(engine.load(loadRequest(SD1))).rejects.toMatchObject({
    code: "memory/predicted",
    sentence: expect.stringMatching(/^64×64 needs about 0\.\d GB of memory with this model and 0\.\d GB are available; make the picture/),
  });
});
