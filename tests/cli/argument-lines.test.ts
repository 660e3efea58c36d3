import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { includeFiles, readArgumentLines } from "../../lib/cli/argument-lines.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
mkdirSync(join(folder, "below"));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test("lines are quoted as for a shell; comments and empty lines count for the number alone", async () => {
  const path = file("one", "\ufeff# all\n\n-s 20 --outdir=\"my pictures\" # or not\r\n--model 'a b'\n");
  expect(await readArgumentLines(path)).toEqual([
    { origin: `${path}, line 3`, words: ["-s", "20", "--outdir=my pictures"] },
    { origin: `${path}, line 4`, words: ["--model", "a b"] },
  ]);
});

test("a file names others from its own folder", async () => {
  const path = file("outer", "-s1 @below/inner -n2\n");
  const inner = file("below/inner", "@../deepest\n");
  const deepest = file("deepest", "-W 64");
  expect(inner).toContain("below");
  expect(await readArgumentLines(path)).toEqual([
    { origin: `${path}, line 1`, words: ["-s1"] },
    { origin: `${deepest}, line 1`, words: ["-W", "64"] },
    { origin: `${path}, line 1`, words: ["-n2"] },
  ]);
});

test("@file on a command line stands for its words; behind -- and alone @ means nothing", async () => {
  const path = file("words", "-s 20\n-n 2\n");
  expect(await includeFiles(["-g", `@${path}`, "@", "--", "@home"])).toEqual(["-g", "-s", "20", "-n", "2", "@", "--", "@home"]);
});

test("a prompt that begins with @ is told how to be one", async () => {
  await expect(includeFiles(["@home alone"])).rejects.toMatchObject({
    code: "file/not-found",
    message: expect.stringContaining("home alone does not exist; a prompt that begins with @ goes behind --, else"),
  });
});
