import { expect, test } from "@jest/globals";
import { printable } from "../../lib/repl/printable.js";

test("control characters are spelled out, text and line ends stay", () => {
  expect(printable("a\x1b[31m \x07\x7f\x9b\r\n\t猫")).toBe("a\\x1b[31m \\x07\\x7f\\x9b\\x0d\n\t猫");
});
