import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { SAMPLER_NAMES } from "../../lib/samplers/names.js";
import { MINIATURE, runProgram } from "../support/run-program.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* The real program, given hostile lines: one sentence for each, and the next line works. */

// Programs and engines are started; on a busy machine one start has taken half a minute.
jest.setTimeout(240_000);

const folder = await temporaryFolder();
const plain = join(folder, "plain");
writeFileSync(plain, "a file");

const REFUSED: readonly (readonly [line: string, says: string])[] = [
  ["a -W wide", "invalid int value: 'wide'"],
  ["a -W 64.5", "invalid int value: '64.5'"],
  ["a -W 0", "Width (-W) must be at least 64 pixels, not 0"],
  ["a -H -64", "Height (-H) must be at least 64 pixels, not -64"],
  ["a -H 99999999", "Height (-H) must be at most 8192 pixels, not 99999999"],
  ["a -W 8192 -H 8192", "8192×8192 needs about 6.6 GB of memory with this model and"],
  ["a -A k_magic", `invalid choice: 'k_magic' (choose from ${SAMPLER_NAMES.map((name) => `'${name}'`).join(", ")}`],
  ["a -n 1000000", "-n/--iterations must be between 1 and 100000, not 1000000"],
  ["a -s 99999999", "-s/--steps must be between 1 and 1000, not 99999999"],
  ["a -C nan", "invalid float value: 'nan'"],
  ["a -C inf", "invalid float value: 'inf'"],
  ["a -C 1e38 -s2", "sampling gave values that are not numbers; try a smaller -C"],
  [`a -s ${"9".repeat(40)}`, "-s/--steps must be between 1 and 1000, not 1e+40"],
  [`a -S ${"9".repeat(401)}`, "invalid int value: '999"],
  ["a -S -99", "No previous seed at position -99 found"],
  [`a -o ${join(plain, "out")}`, "a part of the path is a file; free some space or choose another folder with -o"],
  [`a -o ${plain}`, "it is a file, not a folder"],
  ["!explode", "there is no command !explode"],
  ["a \0 b", "The line is not text: it holds NUL characters"],
  ["y".repeat(1 << 20), "The line has 1048576 characters; at most 100000 are taken"],
  ['""', "Try again with a prompt!"],
];

test("each is refused in one sentence and leaves nothing behind; those after it run", async () => {
  const outdir = join(folder, "refused");
  const lines = [...REFUSED.map(([line]) => line), "still alive -s1 -S5"].join("\n");
  const environment = { DREAM_AVAILABLE_MEMORY: "2000000000" };
  const end = await runProgram(["--model", MINIATURE, "-o", outdir], { lines, environment });
  const sentences = end.errors.trim().split("\n");
  REFUSED.forEach(([line, says], index) => {
    expect(`${line.slice(0, 40)}: ${sentences[index]}`).toContain(says);
  });
  expect(sentences).toHaveLength(REFUSED.length);
  expect(sentences.every((sentence) => sentence.startsWith("** "))).toBe(true);
  expect(end.status).toBe(1);
  expect(readdirSync(outdir).sort()).toEqual(["000001.5.png", "dream_log.md", "dream_log.txt"]);
});

test("strange text is taken without harm: escapes never reach the terminal, long prompts are cut, names stay names", async () => {
  const outdir = join(folder, "strange");
  const bytes = Buffer.concat([
    Buffer.from("red \x1b[31m title \x1b]0;pwned\x07 -s1 -S1\n"),
    Buffer.from("not utf-8 \xff\xfe -s1 -S2\n", "latin1"),
    Buffer.from(`${"word ".repeat(2000)}-s1 -S3\n`),
    Buffer.from("../../etc/passwd; $(touch pwned) `x` -s1 -S4\n"),
    Buffer.from(`${"(".repeat(5000)}${"[".repeat(3000)} -s1 -S5\n`),
  ]);
  const end = await runProgram(["--model", MINIATURE, "-o", outdir], { lines: bytes });
  expect(end).toMatchObject({ status: 0, errors: "" });
  expect(readdirSync(outdir).sort()).toEqual([...[1, 2, 3, 4, 5].map((n) => `00000${n}.${n}.png`), "dream_log.md", "dream_log.txt"]);
  const controls = /[^\P{Cc}\n]/u;
  expect(end.output).not.toMatch(controls);
  expect(end.output).toContain("The prompt is 7925 token(s) too long and has been truncated");
  expect(readFileSync(join(outdir, "dream_log.txt"), "utf8")).not.toMatch(controls);
  const picture = join(outdir, "000001.1.png");
  expect(readPngText(readFileSync(picture), picture).find(({ keyword }) => keyword === "Dream")?.text).toMatch(/^"red {2}\[31m title/);
});
