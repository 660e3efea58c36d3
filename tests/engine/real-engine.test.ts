import path from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { EngineClient } from "../../lib/engine/client.js";
import type { Generated } from "../../lib/engine/engine.js";
import type { GenerationJob } from "../../lib/engine/protocol.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { job, loadRequest, until } from "./fakes.js";

const SPECK = path.join(MINIATURES, "speck");
let engine: EngineClient;

afterEach(async () => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
  await engine.close();
});

test("the real engine survives kill -9 in the middle of a picture and then draws the same one", async () => {
  engine = new EngineClient();
  await engine.load(loadRequest(SPECK));
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
  await expect(engine.load(loadRequest(SPECK))).rejects.toMatchObject({
    code: "memory/predicted",
    sentence: expect.stringMatching(/^64×64 needs about 0\.\d GB of memory with this model and 0\.\d GB are available; make the picture/),
  });
});

test("a job gives the same bytes in a fresh process, after another model and after other padding", async () => {
  // Everything that draws random numbers: an ancestral sampler over mixed noises.
  const picture = job({ sampler: "k_euler_a", variations: [{ seed: 7, weight: 0.3 }], steps: 4 });
  const make = async (overrides: Partial<GenerationJob> = {}) => {
    const { image } = (await engine.generate({ ...picture, ...overrides })) as Generated;
    return Buffer.from(image.rgb).toString("base64");
  };
  engine = new EngineClient();
  await engine.load({ ...loadRequest(SPECK), keep: 2 });
  const first = await make();
  await engine.close();

  engine = new EngineClient();
  await engine.load({ ...loadRequest(SPECK), keep: 2 });
  expect(await make()).toBe(first);

  expect(await make({ seamless: "xy" })).not.toBe(first);
  expect(await make()).toBe(first);

  expect(await make({ width: 128 })).not.toBe(first);
  expect(await make()).toBe(first);

  // Once kept in memory, once built again.
  for (const keep of [2, 1]) {
    await engine.load({ ...loadRequest(path.join(MINIATURES, "sd2")), keep });
    expect(await make()).not.toBe(first);
    expect((await engine.load({ ...loadRequest(SPECK), keep })).fromMemory).toBe(keep === 2);
    expect(await make()).toBe(first);
  }
});

test("after a crash the model that was active is loaded again, not the one loaded last", async () => {
  engine = new EngineClient();
  const notices: string[] = [];
  engine.onNotice((text) => notices.push(text));
  await engine.load({ ...loadRequest(SPECK), keep: 2 });
  await engine.load({ ...loadRequest(path.join(MINIATURES, "sd2")), keep: 2 });
  await engine.load({ ...loadRequest(SPECK), keep: 2 });
  const before = (await engine.generate(job())) as Generated;
  process.kill(engine.pid!, "SIGKILL");
  await until(() => notices.length === 2);
  expect(notices[1]).toMatch(/^reloaded speck in/);
  const after = (await engine.generate(job())) as Generated;
  expect(Buffer.compare(after.image.rgb, before.image.rgb)).toBe(0);
  expect((await engine.status()).models).toMatchObject([{ path: SPECK, active: true }]);
});
