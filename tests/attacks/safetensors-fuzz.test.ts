import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { LENGTH_BYTES, parseSafetensorsHeader } from "../../lib/checkpoints/safetensors-header.js";
import { DreamError } from "../../lib/errors.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";

const WHOLE = safetensorsBytes({ a: { shape: [2, 3] }, b: { dtype: "F16", shape: [4] }, c: { dtype: "I64", shape: [] } }, { format: "pt" });
const header = WHOLE.slice(LENGTH_BYTES, WHOLE.byteLength - 24 - 8 - 8);

/** Either a description that is right in itself, or a DreamError. */
function check(bytes: Uint8Array, fileSize: number): void {
  try {
    const { tensors } = parseSafetensorsHeader(bytes, fileSize, "fuzz");
    let end = LENGTH_BYTES + bytes.byteLength;
    for (const ref of [...tensors.values()].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
      expect(ref.offset).toBe(end);
      end += ref.byteLength;
    }
    expect(end).toBe(fileSize);
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    expect(error.message).not.toMatch(/\n/);
  }
}

test("the unharmed header is read", () => {
  expect([...parseSafetensorsHeader(header, WHOLE.byteLength, "whole").tensors.keys()]).toEqual(["a", "b", "c"]);
});

test("a header with changed bytes never does harm", () => {
  const change = fc.tuple(fc.nat(header.byteLength - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = header.slice();
      for (const [position, value] of changes) bytes[position] = value;
      check(bytes, WHOLE.byteLength);
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test("any JSON object as header never does harm", () => {
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom("F32", "U8", "BF16", "__proto__"), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.oneof(fc.nat(4), fc.maxSafeInteger(), fc.double()), { maxLength: 4 }), fc.jsonValue()),
      data_offsets: fc.oneof(fc.array(fc.oneof(fc.nat(64), fc.maxSafeInteger()), { maxLength: 3 }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const any = fc.dictionary(fc.oneof(fc.constantFrom("__metadata__", "__proto__", "a"), fc.string()), fc.oneof(entry, fc.jsonValue()), {
    maxKeys: 4,
  });
  fc.assert(
    fc.property(any, fc.nat(200), (value, size) => {
      const bytes = new TextEncoder().encode(JSON.stringify(value));
      check(bytes, LENGTH_BYTES + bytes.byteLength + size);
    }),
    { numRuns: 3000, seed: 2 },
  );
});
