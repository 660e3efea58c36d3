import { spawn } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { checkRegistryWritable, editRegistry, pathForRegistry } from "../../../lib/models/registry/edit-registry.js";
import { readRegistry } from "../../../lib/models/registry/registry.js";
import type { RegistryDraft } from "../../../lib/models/registry/registry-draft.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();
const ADDER = fileURLToPath(new URL("../add-entries.js", import.meta.url));

function registryOf(text: string): string {
  const path = join(mkdtempSync(join(root, "case-")), "models.yaml");
  writeFileSync(path, text);
  return path;
}

const TWO = `# My models.

# the small one
one:
  path: one # beside this file
  shelf: 3 # nobody knows this key
  default: true

# the big one
two: { path: "two", description: 'all of it' }
`;

const EDITS: readonly (readonly [string, (draft: RegistryDraft) => void, string])[] = [
  ["nothing", () => {}, TWO],
  ["a new entry", (draft) => draft.add("three", { path: "3", width: 64 }), `${TWO}three:\n  path: "3"\n  width: 64\n`],
  [
    "another default",
    (draft) => draft.makeDefault("two"),
    TWO.replace("  default: true\n", "").replace("'all of it' }", "'all of it', default: true }"),
  ],
  ["another value", (draft) => draft.change("one", { path: "uno" }), TWO.replace("path: one", "path: uno")],
  ["a value less", (draft) => draft.change("two", { description: undefined }), TWO.replace(", description: 'all of it'", "")],
  ["another name", (draft) => draft.rename("one", "uno"), TWO.replace("one:\n", "uno:\n")],
  [
    "an entry less",
    (draft) => draft.remove("one"),
    `# My models.\n\n# the small one\n# the big one\ntwo: { path: "two", description: 'all of it' }\n`,
  ],
];

test.each(EDITS)("%s changes nothing else", async (_, edit, expected) => {
  const path = registryOf(TWO);
  await editRegistry(path, edit);
  expect(readFileSync(path, "utf8")).toBe(expected);
  expect(readdirSync(join(path, ".."))).toEqual(["models.yaml"]);
});

test.each([
  ["an empty file", "", "a:\n  path: x\n"],
  ["comments alone", "# nothing yet\n", "# nothing yet\n\na:\n  path: x\n"],
  ["an empty mapping", "{}\n", "a:\n  path: x\n"],
  ["line ends of Windows and four blanks", "b:\r\n    path: y\r\n", "b:\r\n    path: y\r\na:\r\n    path: x\r\n"],
])("%s takes an entry", async (_, before, after) => {
  const path = registryOf(before);
  const registry = await editRegistry(path, (draft) => draft.add("a", { path: "x" }));
  expect(readFileSync(path, "utf8")).toBe(after);
  expect(registry.entries.get("a")?.path).toBe(join(path, "..", "x"));
});

test("the last entry leaves its comments", async () => {
  const path = registryOf("# mine\na:\n  path: x\n");
  await editRegistry(path, (draft) => draft.remove("a"));
  expect(readFileSync(path, "utf8")).toMatch(/^# mine\n/);
  expect((await readRegistry(path)).entries.size).toBe(0);
});

test("a name of digits is found again", async () => {
  const path = registryOf("1984:\n  path: x\n");
  await editRegistry(path, (draft) => draft.change("1984", { path: "y" }));
  expect(readFileSync(path, "utf8")).toBe("1984:\n  path: y\n");
  await expect(editRegistry(path, (draft) => draft.add("1984", { path: "z" }))).rejects.toMatchObject({ code: "usage/line" });
});

test.each<readonly [string, string, (draft: RegistryDraft) => void, string]>([
  ["a file that is not YAML", "a: [", (draft) => draft.add("b", { path: "x" }), "is not valid YAML"],
  ["a file that is not UTF-8", "# \xff\na:\n  path: x\n", (draft) => draft.remove("a"), "not UTF-8"],
  ["a value that cannot be read", "a:\n  path: x\n", (draft) => draft.change("a", { width: -1 }), "width is -1"],
  ["a name that cannot be read", "a:\n  path: x\n", (draft) => draft.rename("a", "a b"), '"a b" is not a valid model name'],
  ["an entry that others refer to", "a: &a\n  path: x\nb: *a\n", (draft) => draft.remove("a"), "cannot be changed so"],
  ["an entry that is an alias", "a: &a\n  path: x\nb: *a\n", (draft) => draft.change("b", { path: "y" }), "edit the file by hand"],
  ["an unknown entry", "a:\n  path: x\n", (draft) => draft.change("b", { path: "y" }), "there is no entry b"],
])("%s is refused and nothing is changed", async (_, text, edit, words) => {
  const path = join(mkdtempSync(join(root, "case-")), "models.yaml");
  writeFileSync(path, text, "latin1");
  await expect(editRegistry(path, edit)).rejects.toMatchObject({ name: "DreamError", message: expect.stringContaining(words) });
  expect(readFileSync(path, "latin1")).toBe(text);
  expect(readdirSync(join(path, ".."))).toEqual(["models.yaml"]);
});

test("two programs that edit at once lose nothing", async () => {
  const path = registryOf(TWO);
  const adders = ["left", "right"].map((prefix) => spawn(process.execPath, [ADDER, path, prefix, "30"], { stdio: "inherit" }));
  const ends = await Promise.all(adders.map((adder) => new Promise((resolve) => adder.on("close", resolve))));
  expect(ends).toEqual([0, 0]);
  const text = readFileSync(path, "utf8");
  expect((await readRegistry(path)).entries.size).toBe(62);
  for (const comment of ["# My models.", "# the small one", "# beside this file", "# nobody knows this key", "# the big one"]) {
    expect(text).toContain(comment);
  }
  expect(readdirSync(join(path, ".."))).toEqual(["models.yaml"]);
});

test("a symbolic link keeps pointing, and the file keeps its mode", async () => {
  const real = registryOf("a:\n  path: x\n");
  chmodSync(real, 0o640);
  const link = join(mkdtempSync(join(root, "case-")), "models.yaml");
  symlinkSync(real, link);
  await editRegistry(link, (draft) => draft.add("b", { path: "y" }));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(real, "utf8")).toContain("b:\n");
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(await pathForRegistry(link, join(link, "..", "m"))).toBe(join(link, "..", "m"));
});

test("a read-only file is one sentence and stays as it is", async () => {
  const path = registryOf("a:\n  path: x\n");
  chmodSync(path, 0o444);
  const refused = {
    code: "registry/unwritable",
    sentence: `${path} cannot be written: the file is read-only; give another registry with --config; nothing was changed`,
  };
  await expect(checkRegistryWritable(path)).rejects.toMatchObject(refused);
  await expect(editRegistry(path, (draft) => draft.remove("a"))).rejects.toMatchObject(refused);
  expect(readFileSync(path, "utf8")).toBe("a:\n  path: x\n");
});

// The super user may write everywhere.
(process.getuid?.() === 0 ? test.skip : test)("a read-only folder is one sentence", async () => {
  const path = registryOf("a:\n  path: x\n");
  chmodSync(join(path, ".."), 0o555);
  await expect(editRegistry(path, (draft) => draft.remove("a"))).rejects.toMatchObject({
    message: expect.stringContaining("you may not write there"),
  });
});

test.each([
  ["models/x", "models/x"],
  ["..x", "..x"],
  ["../x", undefined],
  [".", undefined],
])("a path %s beside the registry is written as %s, else absolute", async (below, expected) => {
  const registry = registryOf("");
  const path = join(registry, "..", below);
  mkdirSync(join(registry, "..", "models"), { recursive: true });
  expect(await pathForRegistry(registry, path)).toBe(expected ?? path);
});
