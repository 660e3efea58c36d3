import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { readInitFile } from "../../lib/cli/init-file.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const all = await temporaryFolder();
let home: string;
let root: string;
beforeEach(() => {
  home = mkdtempSync(join(all, "home-"));
  root = join(home, "invokeai");
  mkdirSync(root);
});

const write = (text: string) => writeFileSync(join(root, "invokeai.init"), text);

test("the later line wins", async () => {
  write("-s 20 -W640\n--steps=30\n");
  expect(await readInitFile(root, home)).toEqual({ path: join(root, "invokeai.init"), values: { steps: 30, width: 640 }, notices: [] });
});

test("~/.invokeai counts only where the root has no file, and is called old", async () => {
  writeFileSync(join(home, ".invokeai"), '--root="/x"\n');
  const old = join(home, ".invokeai");
  const notices = [`${old} is deprecated; move its lines to ${join(root, "invokeai.init")}`];
  expect(await readInitFile(undefined, home)).toEqual({ path: old, values: { rootDir: "/x" }, notices });
  expect(await readInitFile(root, home)).toMatchObject({ path: old, notices });
  write("");
  expect(await readInitFile(root, home)).toEqual({ path: join(root, "invokeai.init"), values: {}, notices: [] });
});

test("without a file there is nothing", async () => expect(await readInitFile(root, home)).toBeUndefined());

test("what is not there yet is told and left out; the rest of the line counts", async () => {
  write("# mine\n--web -n2 --no-nsfw_checker\n");
  const { values, notices } = (await readInitFile(root, home)) ?? {};
  expect(values).toEqual({ iterations: 2, nsfwChecker: false });
  expect(notices).toEqual([`${join(root, "invokeai.init")}, line 2: --web is left out, not available yet: web server`]);
});

test.each([
  ["-s 20\n-S 3", "line 2: unrecognized arguments: -S 3"],
  ["a prompt", "line 1: unrecognized arguments: a prompt"],
  ["--nonsense", "line 1: unrecognized arguments: --nonsense"],
  ["\n\n-W 0", "line 3: Width (-W) must be at least 64 pixels, not 0"],
  ["-s wide", "line 1: argument -s/--steps: invalid int value: 'wide'"],
  ['--outdir "x', 'line 1: No closing quotation; add the missing "'],
  ["--help", "line 1: --help belongs on the command line"],
  ["-V", "line 1: --version belongs on the command line"],
])("%j names file and line", async (text, message) => {
  write(text);
  await expect(readInitFile(root, home)).rejects.toMatchObject({
    code: "usage/launch",
    message: `${join(root, "invokeai.init")}, ${message}`,
  });
});
