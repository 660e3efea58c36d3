import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatPythonFloat, parsePythonFloat, parsePythonInt, pythonRepr } from "../../lib/options/python-values.js";

test.each([
  [7.5, "7.5"],
  [10, "10.0"],
  [-3, "-3.0"],
  [0, "0.0"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [1e100, "1e+100"],
])("%d prints as %s", (value, text) => {
  expect(formatPythonFloat(value)).toBe(text);
});

test("every finite number survives printing and reading", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => parsePythonFloat(formatPythonFloat(value)) === value),
  );
});

test.each([" 5 ", "+5", "0_5", "5"])("%p is the int 5", (text) => expect(parsePythonInt(text)).toBe(5));
test.each(["", "5.0", "0x5", "1".repeat(401), "5e0", "five", "1__0"])("%p is no int", (text) =>
  expect(parsePythonInt(text)).toBeUndefined(),
);
test("a seed of another program may be of any size", () => expect(parsePythonInt("99999999999999999999")).toBe(1e20));
test.each(["", ".", "inf", "1".repeat(401), "nan", "1,5", "0x5", "1e999", "--1"])("%p is no float", (text) =>
  expect(parsePythonFloat(text)).toBeUndefined(),
);
test("repr", () => {
  expect(pythonRepr("it's")).toBe('"it\'s"');
  expect(pythonRepr("x")).toBe("'x'");
});
