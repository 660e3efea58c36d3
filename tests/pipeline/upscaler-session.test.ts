import { copyFileSync, utimesSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import type { UpscaleJob } from "../../lib/engine/protocol.js";
import { openSessions } from "../../lib/onnx/open-sessions.js";
import { UpscalerSession } from "../../lib/pipeline/upscaler-session.js";
import { ORACLES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const file = path.join(folder, "upscaler.safetensors");
const report = { signal: new AbortController().signal, notice: () => {}, piece: () => {} };
const picture = { width: 9, height: 7, rgb: Uint8Array.from({ length: 9 * 7 * 3 }, (_, i) => (i * 37) % 256) };
const use = (name: string) => copyFileSync(path.join(ORACLES, "upscalers", name), file);
const job = (overrides: Partial<UpscaleJob> = {}): UpscaleJob => ({
  upscaler: file,
  picture,
  width: 18,
  height: 14,
  tile: 400,
  threads: 1,
  ...overrides,
});

afterEach(() => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
});

test("an upscaler stays open until its file is another one", async () => {
  const session = new UpscalerSession();
  use("compact-x2.safetensors");
  const first = await session.upscale(job(), report);
  expect((await session.upscale(job(), report)).rgb).toEqual(first.rgb);
  expect(openSessions()).toBe(1);
  use("compact-x4.safetensors");
  utimesSync(file, 1, 1);
  expect((await session.upscale(job(), report)).rgb).not.toEqual(first.rgb);
  expect(openSessions()).toBe(1);
  await session.release();
  expect(openSessions()).toBe(0);
});

test("what would not fit into memory is refused before it is begun", async () => {
  use("compact-x2.safetensors");
  process.env.DREAM_AVAILABLE_MEMORY = String(1e9);
  const session = new UpscalerSession();
  await expect(session.upscale(job(), report)).rejects.toMatchObject({
    code: "memory/predicted",
    message: expect.stringMatching(/^enlarging to 18×14 pixels needs about 0\.9 GiB, more than is free$/),
  });
  expect(openSessions()).toBe(0);
});
