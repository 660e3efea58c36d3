import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openTorchFile, openTorchSource } from "../../../lib/checkpoints/pickle/open-torch-file.js";
import { PickledObject } from "../../../lib/checkpoints/pickle/values.js";
import { isFloat, readTensor } from "../../../lib/checkpoints/read-tensor.js";
import type { WeightSource } from "../../../lib/checkpoints/tensor.js";
import { ORACLES } from "../../oracles/read-oracle.js";

type Described = readonly [type: string, shape: readonly number[], values?: readonly number[]];

const folder = join(ORACLES, "pickle");
const oracle: Record<"state" | "wrapped" | "typed", Record<string, Described>> = JSON.parse(
  readFileSync(join(folder, "values.json"), "utf8"),
);

/** torch's names of the types. */
const TYPES: Readonly<Record<string, string>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  uint8: "U8",
  uint16: "U16",
  bool: "BOOL",
  float8_e4m3fn: "F8_E4M3",
};

function typesAndShapes(source: WeightSource): object {
  return Object.fromEntries([...source.keys()].map((key) => [key, [source.get(key)?.dtype, source.get(key)?.shape]]));
}

function expected(described: Record<string, Described>): object {
  return Object.fromEntries(Object.entries(described).map(([key, [type, shape]]) => [key, [TYPES[type], shape]]));
}

/** The values of every tensor of floats. */
async function floatsOf(source: WeightSource): Promise<object> {
  const values: Record<string, readonly number[]> = {};
  for (const key of source.keys()) {
    const ref = source.get(key)!;
    if (isFloat(ref.dtype)) values[key] = [...(await readTensor(ref))];
  }
  return values;
}

const floats = Object.fromEntries(
  Object.entries(oracle.state)
    .filter(([, [type]]) => /float/.test(type))
    .map(([key, [, , values]]) => [key, values?.map(Math.fround)]),
);

describe.each(["zip.pt", "legacy.pt", "protocol-4.pt", "deflated.pt"])("%s", (name) => {
  test("has torch's types and shapes", async () => {
    expect(typesAndShapes(await openTorchSource(join(folder, name)))).toEqual(expected(oracle.state));
  });

  test("has torch's values", async () => {
    expect(await floatsOf(await openTorchSource(join(folder, name)))).toEqual(floats);
  });
});

test.each(["zip.pt", "legacy.pt"])("%s: only views out of order are copied", async (name) => {
  const source = await openTorchSource(join(folder, name));
  const copied = [...source.keys()].filter((key) => source.get(key)?.bytes !== undefined);
  expect(copied).toEqual(["transposed", "columns", "every_second", "channels_last"]);
});

test("types that stand in the tensor", async () => {
  expect(typesAndShapes(await openTorchSource(join(folder, "float8.pt")))).toEqual(expected(oracle.typed));
});

describe("a checkpoint with other things around its tensors", () => {
  const path = join(folder, "wrapped.ckpt");

  test("the tensors are found, what is no tensor among them is left out", async () => {
    expect(typesAndShapes(await openTorchSource(path))).toEqual(expected(oracle.wrapped));
  });

  test("objects of unknown classes are what was stored of them", async () => {
    const { value } = await openTorchFile(path);
    const callbacks = value instanceof Map ? value.get("callbacks") : undefined;
    const [[name, state]] = callbacks instanceof Map ? [...callbacks] : [[]];
    expect(name).toMatchObject({ module: "trainer", name: "Progress" });
    const progress = state instanceof Map ? state.get("progress") : undefined;
    expect(progress).toBeInstanceOf(PickledObject);
    expect(progress).toMatchObject({ state: new Map([["epoch", 3]]) });
    expect(state instanceof Map && state.get("seen")).toEqual([1, 2]);
  });

  test("numbers of every kind", async () => {
    const { value } = await openTorchFile(path);
    expect(value instanceof Map && [value.get("epoch"), value.get("loss"), value.get("huge")]).toEqual([3, Infinity, 2n ** 70n]);
  });
});
