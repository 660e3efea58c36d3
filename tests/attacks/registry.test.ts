import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { editRegistry } from "../../lib/models/registry/edit-registry.js";
import { readRegistry } from "../../lib/models/registry/registry.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* Registries that are hostile rather than merely wrong: each ends in one sentence, fast, and an edit leaves it as it is. */

const root = await temporaryFolder();

const bomb = (width: number, levels: number) =>
  Array.from({ length: levels }, (_, level) => {
    const of = level === 0 ? "x" : new Array(width).fill(`*l${level - 1}`).join(", ");
    return `l${level}: &l${level} [${of}]`;
  }).join("\n");

const HOSTILE: Readonly<Record<string, readonly [text: string, says: string]>> = {
  "aliases that stand for gigabytes": [bomb(10, 12), "not valid YAML"],
  "aliases nested in one entry": [`${bomb(9, 9)}\nm: { path: *l8 }`, "not valid YAML"],
  "an alias to itself": ["a: &a\n  path: *a\n", "nests deeper"],
  "ten megabytes": [`a:\n  path: x\n${"# x\n".repeat(2_500_000)}`, "at most 262144 are read"],
  "brackets without end": ["[".repeat(250_000), "nests deeper"],
  "mappings without end": [`a:${"{a: ".repeat(60_000)}`, "nests deeper"],
  "dashes without end": ["- ".repeat(120_000), "nests deeper"],
  "question marks without end": ["? ".repeat(120_000), "nests deeper"],
  "indentation without end": [Array.from({ length: 700 }, (_, level) => `${" ".repeat(level)}a:`).join("\n"), "nests deeper"],
  "the same name twice": ["a:\n  path: x\na:\n  path: y\n", "not valid YAML"],
  "the same key twice": ["a:\n  path: x\n  path: y\n", "not valid YAML"],
  "a list for a path": ["a:\n  path: [x]\n", "expected a text"],
  "a mapping for a path": ["a:\n  path: { x: y }\n", "expected a text"],
  "a number for a description": ["a:\n  path: x\n  description: 7\n", "expected a text"],
  "a text for true": ["a:\n  path: x\n  default: perhaps\n", "expected true or false"],
  "a width beyond all pictures": ["a:\n  path: x\n  width: 1e300\n", "expected a whole number"],
  "a width that is no number": ["a:\n  path: x\n  width: .nan\n", "expected a whole number"],
  "an escape sequence for a name": ['"\\e[2Jx":\n  path: x\n', '"\\u001b[2Jx" is not a valid model name'],
  "a line end in a name": ['"a\\nb":\n  path: x\n', "is not a valid model name"],
  "a list for a name": ["? [a, b]\n: path: x\n", "is not"],
  "no name": ['"":\n  path: x\n', "is not a valid model name"],
  "bytes that are no text": ["\0\x01\x02\xff\xfe", "models.yaml"],
  "a tag that makes objects": ["a: !!python/object:os.system\n  path: x\n", "not valid YAML"],
  "two documents": ["a:\n  path: x\n---\nb:\n  path: y\n", "not valid YAML"],
};

test.each(Object.entries(HOSTILE))("%s", async (_, [text, says]) => {
  const path = join(mkdtempSync(join(root, "case-")), "models.yaml");
  writeFileSync(path, text, "latin1");
  // Of the processor, not of the clock: other programs share the machine.
  const started = process.cpuUsage();
  const refused = { name: "DreamError", message: expect.stringContaining(says) };
  await expect(readRegistry(path)).rejects.toMatchObject(refused);
  await expect(editRegistry(path, (draft) => draft.add("new", { path: "x" }))).rejects.toMatchObject({ name: "DreamError" });
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(10_000);
  expect(readFileSync(path, "latin1") === text).toBe(true);
  expect(readdirSync(join(path, ".."))).toEqual(["models.yaml"]);
});

test.each(["__proto__", "constructor", "toString"])("%s is a name like any other", async (name) => {
  const path = join(mkdtempSync(join(root, "case-")), "models.yaml");
  writeFileSync(path, `${name}:\n  path: x\n  ${name}: y\n`);
  const { entries } = await editRegistry(path, (draft) => draft.change(name, { description: "d" }));
  expect([...entries.keys()]).toEqual([name]);
  expect(entries.get(name)?.description).toBe("d");
  expect(({} as { path?: string }).path).toBeUndefined();
});

test("kill -9 at any moment leaves a whole registry that can be edited on", async () => {
  const path = join(mkdtempSync(join(root, "case-")), "models.yaml");
  writeFileSync(path, "# mine\n");
  const adder = fileURLToPath(new URL("../models/add-entries.js", import.meta.url));
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, [adder, path, `round${round}`, "100000"], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    while (!readFileSync(path, "utf8").includes(`round${round}-0:`)) await pause(5);
    await pause(round * 7);
    child.kill("SIGKILL");
    await ended;
    const text = readFileSync(path, "utf8");
    const { names } = await readRegistry(path);
    expect(text.startsWith("# mine\n")).toBe(true);
    const added = names.filter((name) => name.startsWith(`round${round}-`));
    expect(added).toEqual(added.map((_, index) => `round${round}-${index}`));
  }
  await editRegistry(path, (draft) => draft.remove("round0-0"));
  expect(readdirSync(join(path, ".."))).toEqual(["models.yaml"]);
});
