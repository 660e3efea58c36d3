import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { COMMANDS_DOCUMENT, commandsDocument } from "./commands-document.js";

test("docs/commands.md is what the table says; npm run docs mends it", () => {
  expect(readFileSync(COMMANDS_DOCUMENT, "utf8")).toBe(commandsDocument());
});
