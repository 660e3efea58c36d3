import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openSafetensors } from "../../lib/checkpoints/safetensors.js";
import { safetensorsBytes, withHeader } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const path = join(folder, "hostile.safetensors");

function header(tensor: Record<string, unknown>): string {
  return JSON.stringify({ t: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...tensor } });
}

function twoTensors(first: [number, number], second: [number, number]): string {
  const entry = ([begin, end]: [number, number]) => ({ dtype: "U8", shape: [end - begin], data_offsets: [begin, end] });
  return JSON.stringify({ a: entry(first), b: entry(second) });
}

const eight = new Uint8Array(8);
const deep = `${"[".repeat(1_000_000)}`;

/** What each file breaks, and the words that the message must contain. */
const BROKEN: readonly (readonly [name: string, bytes: Uint8Array, code: string, words: string])[] = [
  ["empty file", new Uint8Array(0), "safetensors/truncated", "0 bytes"],
  ["shorter than the length field", new Uint8Array(7), "safetensors/truncated", "7 bytes"],
  ["empty header", withHeader(""), "safetensors/header", "header has 0 bytes"],
  ["header larger than the format allows", lengthOnly(100_000_001n), "safetensors/header", "100000001 bytes"],
  ["header of 2^64-1 bytes", lengthOnly(2n ** 64n - 1n), "safetensors/header", "18446744073709551615 bytes"],
  ["header longer than the file", lengthOnly(1000n), "safetensors/truncated", "inside its header"],
  ["HTML instead of a model", new TextEncoder().encode("<!DOCTYPE html><html>"), "safetensors/header", "a web page"],
  ["blank before the brace", withHeader(` ${header({})}`, eight), "safetensors/header", "start with '{'"],
  ["byte-order mark", withHeader(`\ufeff${header({})}`, eight), "safetensors/header", "start with '{'"],
  ["invalid UTF-8", withHeader(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), "safetensors/header", "UTF-8"],
  ["not JSON", withHeader("{not json}"), "safetensors/header", "not valid JSON"],
  ["cut JSON", withHeader(header({}).slice(0, -1), eight), "safetensors/header", "not valid JSON"],
  ["unterminated string", withHeader('{"t'), "safetensors/header", "not valid JSON"],
  ["text behind the object", withHeader(`${header({})} x`, eight), "safetensors/header", "not valid JSON"],
  ["deeply nested arrays", withHeader(`{"t":${deep}`), "safetensors/header", "nests deeper"],
  ["deeply nested objects", withHeader('{"t":'.repeat(200_000)), "safetensors/header", "nests deeper"],
  ["duplicate tensor", withHeader(`{"t":${header({}).slice(5, -1)},"t":${header({}).slice(5)}`, eight), "safetensors/header", '"t" twice'],
  ["duplicate behind an escape", withHeader(`{"\\u0074":1,"t":2}`), "safetensors/header", '"t" twice'],
  ["duplicate field", withHeader('{"t":{"dtype":"F32","dtype":"U8"}}'), "safetensors/header", '"dtype" twice'],
  ["tensor that is a number", withHeader('{"t":1}'), "safetensors/header", "not an object"],
  ["tensor that is null", withHeader('{"t":null}'), "safetensors/header", "not an object"],
  ["metadata that is no object", withHeader('{"__metadata__":[]}'), "safetensors/header", "__metadata__ is not an object"],
  ["metadata that is no text", withHeader('{"__metadata__":{"a":1}}'), "safetensors/header", '__metadata__ entry "a"'],
  ["unknown dtype", withHeader(header({ dtype: "F7" }), eight), "safetensors/header", 'unknown dtype "F7"'],
  ["dtype from the prototype", withHeader(header({ dtype: "constructor" }), eight), "safetensors/header", "unknown dtype"],
  ["no dtype", withHeader('{"t":{"shape":[2],"data_offsets":[0,8]}}', eight), "safetensors/header", "unknown dtype"],
  ["no shape", withHeader('{"t":{"dtype":"F32","data_offsets":[0,8]}}', eight), "safetensors/header", "no valid shape"],
  ["shape as text", withHeader(header({ shape: "2" }), eight), "safetensors/header", "no valid shape"],
  ["negative size", withHeader(header({ shape: [-2] }), eight), "safetensors/header", "no valid shape"],
  ["fractional size", withHeader(header({ shape: [2.5] }), eight), "safetensors/header", "no valid shape"],
  ["size beyond the exact integers", withHeader(header({ shape: [2 ** 53] }), eight), "safetensors/header", "no valid shape"],
  ["product beyond the exact integers", withHeader(header({ shape: [2 ** 30, 2 ** 30] }), eight), "safetensors/header", "too large"],
  [
    "overflow hidden by a zero",
    withHeader(header({ shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] })),
    "safetensors/header",
    "too large",
  ],
  ["wrong byte count", withHeader(header({ shape: [3] }), eight), "safetensors/header", "needs 12 bytes but spans 8"],
  ["three offsets", withHeader(header({ data_offsets: [0, 4, 8] }), eight), "safetensors/header", "data_offsets"],
  ["negative offset", withHeader(header({ data_offsets: [-8, 0] }), eight), "safetensors/header", "data_offsets"],
  ["offset as text", withHeader(header({ data_offsets: ["0", "8"] }), eight), "safetensors/header", "data_offsets"],
  ["end before begin", withHeader(header({ data_offsets: [8, 0] }), eight), "safetensors/header", "ends before it begins"],
  ["hole at the start", withHeader(header({ data_offsets: [4, 12] }), new Uint8Array(12)), "safetensors/header", "hole of 4 bytes"],
  ["hole between", withHeader(twoTensors([0, 2], [4, 8]), eight), "safetensors/header", "hole of 2 bytes"],
  ["overlap", withHeader(twoTensors([0, 6], [4, 8]), eight), "safetensors/header", "overlaps"],
  ["the same bytes twice", withHeader(twoTensors([0, 8], [0, 8]), eight), "safetensors/header", "overlaps"],
  ["data cut off", withHeader(header({}), new Uint8Array(7)), "safetensors/truncated", "header describes"],
  ["data behind the last tensor", withHeader(header({}), new Uint8Array(9)), "safetensors/header", "1 bytes follow"],
  ["no tensors but data", withHeader("{}", eight), "safetensors/header", "8 bytes follow"],
  ["a very long name", withHeader(JSON.stringify({ ["n".repeat(100_000)]: 1 })), "safetensors/header", "…"],
  ["line breaks in a name", withHeader(JSON.stringify({ "a\nb\u001b[31m": 1 })), "safetensors/header", "a\\nb"],
];

function lengthOnly(length: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

test.each(BROKEN)("%s is refused in one clear line", async (_, bytes, code, words) => {
  await writeFile(path, bytes);
  const failure = openSafetensors(path);
  await expect(failure).rejects.toMatchObject({ name: "DreamError", code, message: expect.stringContaining(words) });
  await expect(failure).rejects.toMatchObject({ message: expect.stringMatching(/^[ -~…]{1,400}$/) });
  await expect(failure).rejects.toMatchObject({ message: expect.stringContaining(path) });
});

test("a header of the largest size is read only when the file has it", async () => {
  await writeFile(path, lengthOnly(100_000_000n));
  await expect(openSafetensors(path)).rejects.toMatchObject({ code: "safetensors/truncated" });
  await truncate(path, 100_000_008);
  await expect(openSafetensors(path)).rejects.toMatchObject({ message: expect.stringContaining("start with '{'") });
});

test("names of JavaScript's own are names like any other", async () => {
  const tensor = '{"dtype":"U8","shape":[1],"data_offsets":';
  const names = `{"__proto__":${tensor}[0,1]},"constructor":${tensor}[1,2]},"toString":${tensor}[2,3]}}`;
  await writeFile(path, withHeader(names, new Uint8Array(3)));
  const { tensors } = await openSafetensors(path);
  expect([...tensors.keys()]).toEqual(["__proto__", "constructor", "toString"]);
  expect(tensors.get("hasOwnProperty")).toBeUndefined();
  expect(Object.hasOwn(Object.prototype, "dtype")).toBe(false);
});

test("what the format allows is read: blanks behind, no tensors, empty tensors, scalars, unknown fields", async () => {
  await writeFile(path, withHeader("{}   \n"));
  expect((await openSafetensors(path)).tensors.size).toBe(0);
  await writeFile(path, safetensorsBytes({ none: { shape: [2, 0] }, scalar: { shape: [] }, last: { shape: [0] } }));
  expect((await openSafetensors(path)).tensors.size).toBe(3);
  await writeFile(path, withHeader(header({ note: "x" }), eight));
  expect((await openSafetensors(path)).tensors.size).toBe(1);
});
