import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

const folder = mkdtempSync(join(tmpdir(), "conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** k_lms with 10 steps at strength 0.7 by diffusers 0.16.1; `_doc` of scheduler files says how. */
const K_LMS = {
  timesteps: [666, 555, 444, 333, 222, 111, 0],
  x_init: [1.6591542959213257, -2.8183085918426514, 4.077462673187256, -0.32957711815834045],
  x_final: [0.6685383319854736, -1.1814281940460205, 1.9005564451217651, -0.11890054494142532],
};

function run(kind: string, content: string): { status: number | null; out: string; err: string } {
  const file = join(folder, "cases");
  writeFileSync(file, content);
  return runFile(kind, file);
}

function runFile(...args: string[]): { status: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, [join(PACKAGE_ROOT, "dist/tests/conformance/run.js"), ...args], { encoding: "utf8" });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

test("cases that agree: one closing line, status 0", () => {
  const { status, out } = run("scheduler", JSON.stringify({ vectors: { k_lms: { "10@0.7": K_LMS } } }));
  expect(out).toBe("1 passed, 0 failed\n");
  expect(status).toBe(0);
});

test("cases that differ are printed with both values, status 1", () => {
  const wrong = { ...K_LMS, x_final: [0.6687, ...K_LMS.x_final.slice(1)] };
  const vectors = { k_lms: { "10@0.7": wrong, "11@0.7": K_LMS }, k_nonsense: { "10": K_LMS }, pndm: {} };
  const { status, out } = run("scheduler", JSON.stringify({ vectors }));
  expect(out).toMatch(/^k_lms 10@0.7 x_final\n {2}expected \[0.6687,.*\n {2}got {6}\[0.66853/);
  expect(out).toContain("k_lms 11@0.7 timesteps");
  expect(out).toContain('There is no sampler \\"k_nonsense\\"');
  expect(out.trimEnd().split("\n").at(-1)).toBe("0 passed, 3 failed");
  expect(status).toBe(1);
});

test.each([
  ["a file of another kind", () => run("scheduler", '{"prompts": 1}')],
  ["a file that is not JSON", () => run("scheduler", "x")],
  ["an absent file", () => runFile("scheduler", join(folder, "absent"))],
  ["an unknown kind", () => run("constructor", "{}")],
  ["no file", () => runFile("scheduler")],
])("%s: one clear line, status 2", (_what, call) => {
  const { status, out, err } = call();
  expect(status).toBe(2);
  expect(out).toBe("");
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});
