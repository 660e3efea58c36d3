import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { History } from "../../lib/repl/history.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

const folder = () => mkdtempSync(join(root, "test-"));

test("lines are appended at once to a file of the owner's alone, and come back in order", () => {
  const place = folder();
  const history = new History(place, fail);
  expect(history.load()).toEqual([]);
  history.append("one");
  history.append("two -W64");
  expect(statSync(join(place, ".dream_history")).mode & 0o777).toBe(0o600);
  expect(new History(place, fail).load()).toEqual(["one", "two -W64"]);
});

test("the last thousand lines count; a file twice as long is shortened", () => {
  const place = folder();
  const lines = Array.from({ length: 2001 }, (_, i) => `line ${i}`);
  writeFileSync(join(place, ".dream_history"), lines.join("\n"));
  expect(new History(place, fail).load()).toEqual(lines.slice(-1000));
  expect(readFileSync(join(place, ".dream_history"), "utf8")).toBe(`${lines.slice(-1000).join("\n")}\n`);
});

test("a file that cannot be read or written is said once and costs nothing else", () => {
  const place = folder();
  mkdirSync(join(place, ".dream_history"));
  const warnings: string[] = [];
  const history = new History(place, (text) => warnings.push(text));
  expect(history.load()).toEqual([]);
  history.append("x");
  expect(warnings).toEqual([expect.stringContaining("could not be read (EISDIR)")]);
});

function fail(text: string): never {
  throw new Error(text);
}
