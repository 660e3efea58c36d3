import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { MOST_OFFERED, readFolder } from "../../../lib/repl/completion/read-folder.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();

test("a folder of any size gives so many entries and no more", async () => {
  const folder = mkdtempSync(join(root, "test-"));
  for (let i = 0; i < MOST_OFFERED + 100; i++) writeFileSync(join(folder, `${i}.png`), "");
  expect(await readFolder(folder, { start: "", endings: [".png"] }, Number.POSITIVE_INFINITY)).toHaveLength(MOST_OFFERED);
});

test("a folder that takes too long gives what it could until then", async () => {
  const folder = mkdtempSync(join(root, "test-"));
  for (const name of ["1.png", "2.png", "3.png"]) writeFileSync(join(folder, name), "");
  expect(await readFolder(folder, { start: "", endings: [".png"] }, 0)).toHaveLength(1);
});

test.each(["/nowhere", "/etc/hostname"])("%s offers nothing", async (path) => {
  expect(await readFolder(path, { start: "", endings: [""] })).toEqual([]);
});
