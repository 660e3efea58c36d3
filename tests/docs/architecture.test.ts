import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

const page = readFileSync(join(PACKAGE_ROOT, "docs", "architecture.md"), "utf8");

test("the architecture names every folder of lib", () => {
  const folders = readdirSync(join(PACKAGE_ROOT, "lib"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.filter(({ name }) => !page.includes(`\`lib/${name}\``))).toEqual([]);
});

test("every file that the architecture names exists", () => {
  const files = [...page.matchAll(/`([\w/-]+\/[\w-]+\.ts)`/g)].map(([, path = ""]) => path);
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => !existsSync(join(PACKAGE_ROOT, path)) && !existsSync(join(PACKAGE_ROOT, "lib", path)))).toEqual([]);
});

test("every dependency has its reason", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as Record<string, object>;
  const packages = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith("@types/"));
  const table = page.slice(page.indexOf("## Dependencies"));
  expect(packages.filter((name) => !table.includes(name))).toEqual([]);
});
