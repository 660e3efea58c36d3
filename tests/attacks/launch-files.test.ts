import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { includeFiles } from "../../lib/cli/argument-lines.js";
import { readInitFile } from "../../lib/cli/init-file.js";
import { runProgram } from "../support/run-program.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* Initialization files and files of switches that are not what they should be: one sentence, soon. */

// One program is started; on a busy machine one start has taken half a minute.
jest.setTimeout(120_000);

const all = await temporaryFolder();
const newRoot = () => mkdtempSync(join(all, "root-"));

/** Makes an initialization file; the sentence that it ends in. */
const HOSTILE: Readonly<Record<string, readonly [make: (path: string) => unknown, says: string]>> = {
  folder: [(path) => mkdirSync(path), "is a folder, not a file"],
  "named pipe": [(path) => execFileSync("mkfifo", [path]), "is not a regular file"],
  "link to a device": [(path) => symlinkSync("/dev/zero", path), "is not a regular file"],
  "link that leads nowhere": [(path) => symlinkSync("/nowhere", path), "invokeai.init does not exist"],
  "link to itself": [(path) => symlinkSync(path, path), "its symbolic links form a circle"],
  NULs: [(path) => writeFileSync(path, "-s 2\n\0\0\n"), "is not a text file"],
  "10 MB": [(path) => writeFileSync(path, "# comment\n".repeat(1 << 20)), "has 10485760 bytes; at most 1048576 are read"],
  "1 MB of switches": [(path) => writeFileSync(path, "-g ".repeat(300_000)), "line 1: more than 10000 words in all"],
  "1 MB of one word": [(path) => writeFileSync(path, "y".repeat(1_000_000)), "line 1: unrecognized arguments: yyyyyyy"],
  "1 MB of quotation marks": [(path) => writeFileSync(path, `"'`.repeat(500_000)), "line 1: No closing quotation"],
  "open quotation": [(path) => writeFileSync(path, '-s2\n--outdir="x\n-n2\n'), 'line 2: No closing quotation; add the missing "'],
  "final backslash": [(path) => writeFileSync(path, "--outdir=x\\"), "line 1: No escaped character after the final \\"],
  "another encoding": [(path) => writeFileSync(path, Buffer.from("-s 2\n", "utf16le")), "is not a text file"],
  "itself inside": [(path) => writeFileSync(path, "@invokeai.init\n"), "includes itself"],
  "a missing file inside": [(path) => writeFileSync(path, "@missing\n"), "missing does not exist"],
  "a prompt": [(path) => writeFileSync(path, "-- a cat\n"), "line 1: unrecognized arguments: -- a cat"],
};

test.each(Object.keys(HOSTILE))("%s as initialization file", async (name) => {
  const root = newRoot();
  const [make, says] = HOSTILE[name] as (typeof HOSTILE)[string];
  make(join(root, "invokeai.init"));
  const began = performance.now();
  await expect(readInitFile(root, all)).rejects.toMatchObject({ name: "DreamError", message: expect.stringContaining(says) });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("files that include each other, too deep or too often, come to an end", async () => {
  const root = newRoot();
  writeFileSync(join(root, "one"), "@two\n");
  writeFileSync(join(root, "two"), "@one\n");
  await expect(includeFiles([`@${join(root, "one")}`])).rejects.toMatchObject({ message: expect.stringContaining("one includes itself") });
  for (let depth = 0; depth < 12; depth++) writeFileSync(join(root, `deep-${depth}`), `@deep-${depth + 1}\n`);
  const deep = includeFiles([`@${join(root, "deep-0")}`]);
  await expect(deep).rejects.toMatchObject({ message: expect.stringContaining("deep-8 is included more than 8 files deep") });
  for (let depth = 0; depth < 7; depth++) writeFileSync(join(root, `wide-${depth}`), `@wide-${depth + 1}\n`.repeat(100));
  writeFileSync(join(root, "wide-7"), "-g\n");
  const wide = includeFiles([`@${join(root, "wide-0")}`]);
  await expect(wide).rejects.toMatchObject({ message: expect.stringContaining("more than 10000 words in all") });
});

test("the real program neither hangs on a named pipe nor shows a stack trace", async () => {
  const root = newRoot();
  execFileSync("mkfifo", [join(root, "invokeai.init")]);
  const end = await runProgram(["a"], { environment: { INVOKEAI_ROOT: root } });
  expect(end).toEqual({
    status: 1,
    output: "",
    errors: expect.stringMatching(/^dream-repl: .*invokeai\.init is not a regular file; check what it is and who may read it\n$/),
  });
});
