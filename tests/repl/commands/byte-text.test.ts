import { expect, test } from "@jest/globals";
import { byteText } from "../../../lib/repl/commands/byte-text.js";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [12_340_000, "12.3 MB"],
  [5_460_000_000, "5.46 GB"],
])("%d is %s", (bytes, text) => {
  expect(byteText(bytes)).toBe(text);
});
