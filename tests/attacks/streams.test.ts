import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { MINIATURE, runProgram } from "../support/run-program.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* Where lines come from and where words and pictures go: closed, full, or not what they should be. */

// Programs and engines are started; on a busy machine one start has taken half a minute.
jest.setTimeout(240_000);

const folder = await temporaryFolder();
const path = (name: string) => join(folder, name);

test.each([
  ["a missing file", path("missing.txt"), /^dream-repl: .*missing\.txt does not exist; check the path\n$/],
  ["a folder", folder, /^dream-repl: .* is a folder, not a file of lines; .*\n$/],
  ["a binary file", path("binary"), /^dream-repl: .*binary is not a text file; .*\n$/],
])("--from_file with %s", async (_, file, sentence) => {
  writeFileSync(path("binary"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]));
  const end = await runProgram(["--model", MINIATURE, "-o", path("from-file"), "--from_file", file]);
  expect(end).toMatchObject({ status: 1, errors: expect.stringMatching(sentence) });
});

// A named pipe needs mkfifo.
const withPipes = process.platform === "win32" ? test.skip : test;

withPipes("--from_file with a named pipe reads what is written into it", async () => {
  execFileSync("mkfifo", [path("pipe")]);
  const before = `(printf 'a -s1 -S1\nb -s1 -S2' > '${path("pipe")}') &`;
  const end = await runProgram(["--model", MINIATURE, "-o", path("piped"), "--from_file", path("pipe")], { before: `${before} true` });
  expect(end).toMatchObject({ status: 0, errors: "" });
  expect(readdirSync(path("piped"))).toEqual(expect.arrayContaining(["000001.1.png", "000002.2.png"]));
});

withPipes("Ctrl-C ends a program that waits for somebody to write into a named pipe", async () => {
  execFileSync("mkfifo", [path("silent")]);
  const end = await runProgram(["--model", MINIATURE, "-o", path("silence"), "--from_file", path("silent")], {
    meet: (program) =>
      program.stdout.on("data", (chunk) => String(chunk).includes("Model loaded") && setTimeout(() => program.kill("SIGINT"), 500)),
  });
  expect(end).toMatchObject({ status: 1, errors: "" });
});

withPipes("--from_file with a line that never ends is given up", async () => {
  execFileSync("mkfifo", [path("endless")]);
  const before = `(tr '\\0' y < /dev/zero > '${path("endless")}' 2> /dev/null) & true`;
  const end = await runProgram(["--model", MINIATURE, "-o", path("never"), "--from_file", path("endless")], { before });
  expect(end).toMatchObject({
    status: 1,
    errors: expect.stringMatching(/^dream-repl: line 1 does not end within 4194304 characters.*\n$/),
  });
});

test("a reader that goes away ends the program, quietly", async () => {
  const lines = "a -s1\n".repeat(1000);
  const end = await runProgram(["--model", MINIATURE, "-o", path("head")], {
    lines,
    meet: ({ stdout }) => stdout.once("data", () => stdout.destroy()),
  });
  expect(end).toMatchObject({ status: 1, errors: "" });
  expect(readdirSync(path("head")).length).toBeLessThan(100);
});

// Files of any kind that cannot grow beyond 4096 bytes: as a full disk, the picture's own file is the one that fails.
const limited = process.platform === "win32" ? test.skip : test;

limited("a picture that does not fit leaves nothing half-written, and the next line works", async () => {
  const outdir = path("limited");
  const lines = "a -s1 -S1 -W128\n-h\n";
  const end = await runProgram(["--model", MINIATURE, "-o", outdir], { lines, before: "ulimit -f 8" });
  expect(end.errors).toMatch(/^\*\* cannot write .*000001\.1\.png: .*; free some space or choose another folder with -o\n$/);
  expect(end).toMatchObject({ status: 1, output: expect.stringContaining("usage: PROMPT") });
  expect(readdirSync(outdir)).toEqual([]);
});

const onFullDisk = existsSync("/dev/full") ? describe : describe.skip;

onFullDisk("on a full disk", () => {
  test("a log that cannot grow is said; the picture is there and listed", async () => {
    mkdirSync(path("full"));
    symlinkSync("/dev/full", path("full/dream_log.txt"));
    const end = await runProgram(["--model", MINIATURE, "-o", path("full")], { lines: "a -s1 -S1\n" });
    expect(end.errors).toMatch(/^\*\* cannot write .*dream_log\.txt: the disk is full; .*\n$/);
    expect(end).toMatchObject({ status: 1, output: expect.stringContaining("[1] ") });
    expect(readdirSync(path("full")).sort()).toEqual(["000001.1.png", "dream_log.txt"]);
  });

  test("help that cannot be written is a failure without a stack trace", async () => {
    const end = await runProgram(["--help"], { before: "exec > /dev/full" });
    expect(end.errors).toMatch(/^dream-repl: cannot write standard output: the disk is full; .*\n$/);
    expect(end.status).toBe(1);
  });
});
