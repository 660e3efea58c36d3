import { expect, test } from "@jest/globals";
import { DreamError, ERROR_CODES } from "../lib/errors.js";

test("a DreamError prints its message and what to do next on one line", () => {
  const error = new DreamError("file/not-found", "prompts.txt does not exist");
  expect(error.sentence).toBe("prompts.txt does not exist; check the path");
  expect(error.exitStatus).toBe(1);
});

test.each(ERROR_CODES)("%s gives advice that fits behind a semicolon", (code) => {
  const { advice } = new DreamError(code, "x");
  expect(advice).not.toMatch(/[.;]$/);
});
