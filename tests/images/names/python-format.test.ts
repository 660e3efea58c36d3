import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { convertPythonValue, type FieldValue, formatPythonValue } from "../../../lib/images/names/python-format.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";

type Case = readonly ["float" | "int" | "text" | "flag", number | string | boolean, string, string | null];

const { cases } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "tests", "oracles", "python-format", "cases.json"), "utf8")) as {
  readonly cases: readonly Case[];
};

test.each(["float", "int", "text", "flag"])("%s: what Python prints", (kind) => {
  const wrong = cases
    .filter(([type]) => type === kind)
    .map(([type, value, specification, expected]) => ({
      value,
      specification,
      expected,
      got: formatPythonValue({ type, value } as FieldValue, specification) ?? null,
    }))
    .filter(({ expected, got }) => got !== expected);
  expect(wrong).toEqual([]);
});

describe("what is not given, and lists", () => {
  const none: FieldValue = { type: "other", text: "None" };
  test("print as they are", () => expect(formatPythonValue(none, "")).toBe("None"));
  test("take no specification", () => expect(formatPythonValue(none, ">10")).toBeUndefined());
  test("take one after a conversion", () => expect(formatPythonValue(convertPythonValue(none, "s"), ">6")).toBe("  None"));
});

test.each([
  ["text", "it's", "r", '"it\'s"'],
  ["text", "a", "r", "'a'"],
  ["float", 10, "r", "10.0"],
  ["int", 10, "s", "10"],
] as const)("%s %s with !%s: %s", (type, value, conversion, expected) => {
  expect(convertPythonValue({ type, value } as FieldValue, conversion)).toEqual({ type: "text", value: expected });
});

test("a width that would fill memory is cut", () => {
  expect(formatPythonValue({ type: "text", value: "x" }, ">999999999")).toHaveLength(512);
  expect(formatPythonValue({ type: "float", value: 1 }, ".999999999f")).toBeUndefined();
});
