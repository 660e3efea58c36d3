import { expect, test } from "@jest/globals";
import type { VaeEncoder } from "../../lib/networks/network-sessions.js";
import { inTurns } from "../../lib/networks/vae-in-turns.js";

const SIZE = { height: 8, width: 8 };
const ENCODED = { mean: Float32Array.of(1), logvar: Float32Array.of(2) };

function fake(change: Partial<VaeEncoder> = {}): { readonly encoder: VaeEncoder; readonly calls: string[] } {
  const calls: string[] = [];
  const called = (name: string) => async () => {
    calls.push(name);
    return ENCODED;
  };
  const release = (name: string) => async () => void calls.push(`${name} goes`);
  const encoder = { encode: called("encode"), encodeInBands: called("bands"), release: release("encoder"), ...change };
  return { calls, encoder: inTurns(encoder, { release: release("decoder") }) };
}

test("the decoder goes before a picture is encoded, whole or in bands, the encoder behind it", async () => {
  const { encoder, calls } = fake();
  expect(await encoder.encode(new Float32Array(0), SIZE)).toBe(ENCODED);
  expect(await encoder.encodeInBands?.(new Float32Array(0), SIZE, async () => {})).toBe(ENCODED);
  expect(calls).toEqual(["decoder goes", "encode", "encoder goes", "decoder goes", "bands", "encoder goes"]);
});

test("also when encoding fails, and its failure passes through", async () => {
  const { encoder, calls } = fake({
    encode: async () => {
      throw new Error("cancelled");
    },
  });
  await expect(encoder.encode(new Float32Array(0), SIZE)).rejects.toThrow("cancelled");
  expect(calls).toEqual(["decoder goes", "encoder goes"]);
});

test("an encoder that cannot be taken apart still cannot", () => {
  expect(fake({ encodeInBands: undefined }).encoder.encodeInBands).toBeUndefined();
});
