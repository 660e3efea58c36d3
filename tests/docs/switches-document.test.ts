import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SWITCHES_DOCUMENT, switchesDocument } from "./switches-document.js";

test("docs/switches.md is what the table says; npm run docs mends it", () => {
  expect(readFileSync(SWITCHES_DOCUMENT, "utf8")).toBe(switchesDocument());
});
