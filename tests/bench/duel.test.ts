import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { MINIATURES } from "../oracles/read-oracle.js";
import { type Contestant, duels, starts } from "./duel.js";

/** Speaks the referee's protocol; every call "takes" the given seconds, the first one half a second longer. */
function fake(name: string, seconds: number, probe: readonly number[]): Contestant {
  const script = `
    let calls = 0;
    console.log(JSON.stringify({ loadSeconds: 1 }));
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      if (line === "go") console.log(JSON.stringify({ seconds: ${seconds} + (calls++ === 0 ? 0.5 : 0) }));
      else { console.log(JSON.stringify({ peakBytes: 1e9, probe: ${JSON.stringify(probe)} })); process.exit(); }
    });`;
  return { name, command: process.execPath, args: ["-e", script] };
}

test("challengers are compared with the reference, call by call", async () => {
  const [reference, challenger] = await duels(fake("a", 4, [1, -2]), [fake("b", 3, [1, -1.5])], 3);
  expect(reference).toEqual({ name: "a", seconds: 4, startSeconds: 1.5, peakBytes: 1e9 });
  expect(challenger).toEqual({ name: "b", seconds: 3, ratio: 0.75, startSeconds: 1.5, peakBytes: 1e9, difference: 0.25 });
});

test("a reference without challengers is measured alone", async () => {
  expect(await duels(fake("a", 4, []), [], 3)).toEqual([{ name: "a", seconds: 4, startSeconds: 1.5, peakBytes: 1e9 }]);
});

test("starts are measured in fresh processes", async () => {
  const [measurement] = await starts([fake("a", 4, [])], 2);
  expect(measurement).toEqual({ name: "a", seconds: 4, startSeconds: 1.5, peakBytes: 1e9 });
});

test("a program that fails is named, with what it said", async () => {
  const failing = { name: "c", command: process.execPath, args: ["-e", "throw new Error('no such model')"] };
  await expect(duels(failing, [], 1)).rejects.toThrow(/c ended without an answer:.*no such model/s);
});

test.each([
  { network: "unet", memory: "fast", encodeFirst: true },
  { network: "vae_decoder", memory: "lean" },
  { network: "text", memory: "fast" },
])("our side, on a miniature: $network", async (task) => {
  const script = fileURLToPath(new URL("serve-ours.js", import.meta.url));
  const json = JSON.stringify({ ...task, side: 8, threads: 1, modelCache: "off" });
  const ours = { name: "ours", command: process.execPath, args: [script, path.join(MINIATURES, "sd1"), json] };
  const [measurement] = await duels(ours, [], 1);
  expect(measurement!.seconds).toBeGreaterThan(0);
});
