import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { withFileLock } from "../../../lib/models/registry/file-lock.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();
const fresh = () => join(mkdtempSync(join(root, "case-")), "file");
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("nobody else works meanwhile, and the lock goes afterwards", async () => {
  const path = fresh();
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resume) => setTimeout(resume, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, work)));
  expect(most).toBe(1);
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("the lock goes when the work fails", async () => {
  const path = fresh();
  await expect(withFileLock(path, async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a lock of a dead process is taken over by one at a time", async () => {
  const path = fresh();
  writeFileSync(`${path}.lock`, `${deadPid()} ${hostname()} word\n`);
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((index) => withFileLock(path, async () => void order.push(index))));
  expect(order.sort()).toEqual([1, 2, 3]);
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test.each([
  ["of a living process", `${process.pid} ${hostname()} word\n`, `process ${process.pid}`],
  ["of another computer", "1 elsewhere word\n", "process 1"],
  ["that is being written", "", "another program"],
])("a lock %s is respected, and patience ends", async (_, text, holder) => {
  const path = fresh();
  writeFileSync(`${path}.lock`, text);
  await expect(withFileLock(path, async () => 1, 50)).rejects.toMatchObject({
    code: "registry/locked",
    sentence: `${path} is being edited by ${holder}, which holds ${path}.lock; nothing was changed; try again when it is done`,
  });
  expect(readFileSync(`${path}.lock`, "utf8")).toBe(text);
});

test("a lock without text, left between its making and its writing, is taken over after some seconds", async () => {
  const path = fresh();
  writeFileSync(`${path}.lock`, "");
  const before = Date.now() / 1000 - 3;
  utimesSync(`${path}.lock`, before, before);
  expect(await withFileLock(path, async () => 7)).toBe(7);
});

test("a program that was killed while it took a lock over stands in nobody's way", async () => {
  const path = fresh();
  writeFileSync(`${path}.lock`, `${deadPid()} ${hostname()} word\n`);
  writeFileSync(`${path}.lock.stale`, `${deadPid()} ${hostname()} word\n`);
  expect(await withFileLock(path, async () => 7, 1000)).toBe(7);
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a lock of any kind that is minutes old is taken over", async () => {
  const path = fresh();
  writeFileSync(`${path}.lock`, "1 elsewhere word\n");
  const longAgo = Date.now() / 1000 - 120;
  utimesSync(`${path}.lock`, longAgo, longAgo);
  expect(await withFileLock(path, async () => 7)).toBe(7);
});

test("who lost the lock is told so and leaves the other's alone", async () => {
  const path = fresh();
  const work = withFileLock(path, async (lock) => {
    writeFileSync(`${path}.lock`, "1 elsewhere word\n");
    await lock.check();
  });
  await expect(work).rejects.toMatchObject({ code: "registry/locked" });
  expect(readFileSync(`${path}.lock`, "utf8")).toBe("1 elsewhere word\n");
});
