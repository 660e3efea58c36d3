import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { History } from "../../../lib/repl/history/history.js";
import { createFile } from "../../../lib/repl/history/history-file.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();

const folder = () => mkdtempSync(join(root, "test-"));
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);
const text = (place: string) => readFileSync(join(place, ".dream_history"), "utf8");

test("lines are appended at once to a file of the owner's alone, and come back in order", () => {
  const place = folder();
  const history = new History(place, fail);
  expect(history.load()).toEqual([]);
  history.append("one");
  history.append("two -W64");
  expect(statSync(join(place, ".dream_history")).mode & 0o777).toBe(0o600);
  expect(new History(place, fail).load()).toEqual(["one", "two -W64"]);
});

test("a file that others may read is taken from their eyes", () => {
  const place = folder();
  writeFileSync(join(place, ".dream_history"), "one\n");
  chmodSync(join(place, ".dream_history"), 0o644);
  expect(new History(place, fail).load()).toEqual(["one"]);
  expect(statSync(join(place, ".dream_history")).mode & 0o777).toBe(0o600);
});

test("the last thousand lines count, and the file is shortened to them", () => {
  const place = folder();
  writeFileSync(join(place, ".dream_history"), numbered(1001).join("\n"));
  expect(new History(place, fail).load()).toEqual(numbered(1001).slice(1));
  expect(text(place)).toBe(`${numbered(1001).slice(1).join("\n")}\n`);
  expect(readdirSync(place)).toEqual([".dream_history"]);
});

test("another program's lock leaves the file as it is; a forgotten one does not", () => {
  const place = folder();
  const lock = join(place, ".dream_history.lock");
  writeFileSync(join(place, ".dream_history"), `${numbered(1200).join("\n")}\n`);
  writeFileSync(lock, "");
  expect(new History(place, fail).load()).toHaveLength(1000);
  expect(text(place).split("\n")).toHaveLength(1201);
  utimesSync(lock, 1, 1);
  new History(place, fail).load();
  expect(text(place).split("\n")).toHaveLength(1001);
});

test("a line added while a program shortens the file is there, also when that program was killed before it carried it over", async () => {
  const place = folder();
  const path = join(place, ".dream_history");
  writeFileSync(path, "one\n");
  // As `shorten` does it, up to the rename: the line comes between its look at the file and the rename.
  writeFileSync(`${path}.lock`, "");
  const appended = appendInChild(place, "late", 1);
  while (!text(place).includes("late 0")) await new Promise((resume) => setTimeout(resume, 1));
  writeFileSync(`${path}.7.tmp`, "one\n");
  renameSync(`${path}.7.tmp`, path);
  expect(await appended).toBe(0);
  expect(text(place)).toBe("one\nlate 0\n");
}, 60_000);

test("what a killed program left of a shortened file goes with the next shortening", () => {
  const place = folder();
  writeFileSync(join(place, ".dream_history"), `${numbered(1001).join("\n")}\n`);
  writeFileSync(join(place, ".dream_history.4711.tmp"), "half");
  new History(place, fail).load();
  expect(readdirSync(place)).toEqual([".dream_history"]);
});

test("a line that a crash tore gets its end before the next one", () => {
  const place = folder();
  writeFileSync(join(place, ".dream_history"), "one\ntor");
  new History(place, fail).append("two");
  expect(text(place)).toBe("one\ntor\ntwo\n");
});

test("lines of an .invoke_history become the first ones", () => {
  const place = folder();
  writeFileSync(join(place, ".invoke_history"), "old one\r\nold two\n");
  const history = new History(place, fail);
  expect(history.load()).toEqual(["old one", "old two"]);
  history.append("new");
  expect(text(place)).toBe("old one\nold two\nnew\n");
  expect(readFileSync(join(place, ".invoke_history"), "utf8")).toBe("old one\r\nold two\n");
  expect(readdirSync(place).sort()).toEqual([".dream_history", ".invoke_history"]);
  expect(statSync(join(place, ".dream_history")).mode & 0o777).toBe(0o600);
});

test("a history that another program began at the same moment stays as it is", () => {
  const path = join(folder(), ".dream_history");
  writeFileSync(path, "theirs\n");
  createFile(path, ["ours"]);
  expect(readFileSync(path, "utf8")).toBe("theirs\n");
  expect(readdirSync(join(path, ".."))).toEqual([".dream_history"]);
});

test("with a history of our own the .invoke_history is not looked at", () => {
  const place = folder();
  writeFileSync(join(place, ".invoke_history"), "\0");
  writeFileSync(join(place, ".dream_history"), "ours\n");
  expect(new History(place, fail).load()).toEqual(["ours"]);
});

test("clearing empties memory and file", () => {
  const place = folder();
  const history = new History(place, fail);
  history.append("one");
  history.clear();
  history.append("two");
  expect(history.lines).toEqual(["two"]);
  expect(text(place)).toBe("two\n");
});

test("a folder that is gone costs the memory, not the session, and is told once", () => {
  const warnings: string[] = [];
  const history = new History(join(folder(), "gone"), (warning) => warnings.push(warning));
  expect(history.load()).toEqual([]);
  history.append("x");
  history.append("y");
  expect(warnings).toEqual([expect.stringContaining("could not be written (ENOENT)")]);
  expect(history.lines).toEqual(["x", "y"]);
});

test("no line is lost when programs append while others shorten the file", async () => {
  const place = folder();
  const writers = await Promise.all(["a", "b"].map((name) => appendInChild(place, name, 400)));
  const shorteners = await Promise.all([appendInChild(place, "c", 150), appendInChild(place, "d", 150), loadInChild(place, 150)]);
  expect([...writers, ...shorteners]).toEqual([0, 0, 0, 0, 0]);
  // 800 lines, then 300 while others shortened to 1000: the newest 300 are all there.
  const lines = text(place).split("\n").filter(Boolean);
  for (const name of ["c", "d"]) {
    const theirs = new Set(lines.filter((line) => line.startsWith(name)));
    expect(theirs.size).toBe(150);
  }
  expect(lines.every((line) => /^[a-d] \d+$/.test(line))).toBe(true);
}, 120_000);

const MODULE = JSON.stringify(join(PACKAGE_ROOT, "dist", "lib", "repl", "history", "history.js"));

function appendInChild(place: string, name: string, count: number): Promise<number | null> {
  return runScript(`
    const { History } = await import(${MODULE});
    const history = new History(${JSON.stringify(place)}, (text) => { throw new Error(text); });
    for (let i = 0; i < ${count}; i++) history.append(${JSON.stringify(name)} + " " + i);`);
}

function loadInChild(place: string, count: number): Promise<number | null> {
  return runScript(`
    const { History } = await import(${MODULE});
    for (let i = 0; i < ${count}; i++) new History(${JSON.stringify(place)}, (text) => { throw new Error(text); }).load();`);
}

function runScript(script: string): Promise<number | null> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve) => child.on("close", resolve));
}

function fail(warning: string): never {
  throw new Error(warning);
}
