import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { History } from "../../lib/repl/history/history.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();
const folder = () => mkdtempSync(join(root, "test-"));

test.each([
  ["it holds NUL bytes", (path: string) => writeFileSync(path, "one\n\0\0\0two\n")],
  ["it is no UTF-8 text", (path: string) => writeFileSync(path, Buffer.from([0x61, 0xff, 0xfe, 0x0a]))],
  ["it is larger than 16 MB", (path: string) => writeFileSync(path, "") ?? truncateSync(path, 17 * 1024 * 1024)],
  ["it is a folder", (path: string) => mkdirSync(path)],
  ["it is a pipe or a device", (path: string) => execFileSync("mkfifo", [path])],
  ["it is a pipe or a device", (path: string) => symlinkSync("/dev/zero", path)],
])("%s: set aside, told, and a new one begun", (damage, make) => {
  const place = folder();
  const path = join(place, ".dream_history");
  make(path);
  const warnings: string[] = [];
  const history = new History(place, (warning) => warnings.push(warning));
  expect(history.load()).toEqual([]);
  expect(warnings).toEqual([`## Your history file ${path} is damaged: ${damage}. It is now ${path}.old, and a new one is begun`]);
  history.append("new");
  expect(statSync(path).isFile()).toBe(true);
  expect(new History(place, (warning) => warnings.push(warning)).load()).toEqual(["new"]);
  expect(warnings).toHaveLength(1);
});

test("what was set aside before is not overwritten", () => {
  const place = folder();
  for (const expected of [".dream_history.old", ".dream_history.old.2", ".dream_history.old.3"]) {
    writeFileSync(join(place, ".dream_history"), "\0");
    new History(place, () => {}).load();
    expect(readdirSync(place)).toContain(expected);
  }
});

test("a pipe that takes the file's place later does not stop the session", () => {
  const place = folder();
  const warnings: string[] = [];
  const history = new History(place, (warning) => warnings.push(warning));
  history.load();
  execFileSync("mkfifo", [join(place, ".dream_history")]);
  history.append("one");
  history.append("two");
  expect(history.lines).toEqual(["one", "two"]);
});

test("control characters of a line are gone before it is shown; a line that no prompt takes is left out", () => {
  const place = folder();
  writeFileSync(join(place, ".dream_history"), `a\x1b[2Jb\x9bc\n${"x".repeat(100_001)}\nd\n`);
  expect(new History(place, () => {}).load()).toEqual(["a [2Jb c", "d"]);
});

test("a damaged .invoke_history stays where it is", () => {
  const place = folder();
  writeFileSync(join(place, ".invoke_history"), "\0");
  const warnings: string[] = [];
  expect(new History(place, (warning) => warnings.push(warning)).load()).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining("It stays where it is, unread")]);
  expect(readdirSync(place)).toEqual([".invoke_history"]);
});
