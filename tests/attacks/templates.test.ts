import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readTemplate } from "../../lib/repl/templates/read-template.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/* A template stands for few lines or for one sentence, whatever it holds. */

const folder = await temporaryFolder();
const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
for (let level = 1; level < 12; level++)
  bomb.push(
    `a${level}: &a${level} [${Array(10)
      .fill(`*a${level - 1}`)
      .join(", ")}]`,
  );

test.each([
  ["a bomb of aliases", `${bomb.join("\n")}\nprompt: *a11\n`, /is not valid YAML: .*alias/i],
  ["an alias of itself", "prompt: &a [*a]\n", /deeper than 64 levels|not valid YAML|must hold texts/],
  ["a mapping that holds itself", "prompt: &a {template: '{b}', b: *a}\n", /deeper than 64 levels|not valid YAML|must hold texts/],
  ["a thousand levels", `prompt: ${"[".repeat(1000)}${"]".repeat(1000)}`, /nests deeper than 64 levels/],
  ["half a megabyte", `prompt: ${"x".repeat(512 * 1024)}`, /bytes; at most \d+ are read/],
  ["a tag that makes objects", "prompt: !!python/object/apply:os.system [id]", /not valid YAML/],
  ["a key twice", "prompt: x\nprompt: y\n", /not valid YAML/],
  ["NUL and control characters", "prompt: a\0b\u0001\n", undefined],
  ["a list of everything", `seed: [${Array(9000).fill(1).join(",")}]\nsteps: [1, 2]\n`, /18000 lines; at most 10000/],
  [
    "long prompts by the thousand",
    `prompt: {a: [${"y".repeat(60_000)}], b: [${Array(3000).fill(1).join(",")}], template: '{a}{b}'}`,
    /too many long/,
  ],
  ["labels in thousands", `prompt: {a: [1, 2], template: '${"{a}".repeat(5000)}'}`, /makes .* prompts; at most/],
  ["labels of objects' own", "prompt: {template: '{constructor}{__proto__}'}", /has no list of that name/],
  ["ranges without end", "seed: 1;99999999999999999999;1", /values; at most 10000/],
  ["ranges of dots", "cfg: 1..2;...;....", undefined],
  ["a number that is none", "cfg: .nan\nseed: .inf\nsteps: -.inf", undefined],
  ["line ends in values", 'sampler: "ddim\\n!del_model x"', /sampler: must hold/],
  ["no mapping", "- a\n- b\n", /does not hold a mapping/],
  ["no text", "\ufffe\uffff\u0000", /not valid YAML|does not hold a mapping/],
])("%s", async (what, text, message) => {
  const path = join(folder, `${what.replace(/\W+/g, "-")}.yaml`);
  writeFileSync(path, text);
  const read = readTemplate(path);
  if (message === undefined) {
    const { lines } = await read;
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toMatch(/[\r\n]/);
    return;
  }
  await expect(read).rejects.toMatchObject({ code: "file/unreadable", message: expect.stringMatching(message) });
});

test("the largest file that is read takes less than two seconds", async () => {
  const path = join(folder, "large.yaml");
  writeFileSync(path, `prompt:\n  a:\n${"    - word\n".repeat(20_000)}  template: "{a}"\n`);
  const before = process.cpuUsage();
  await expect(readTemplate(path)).rejects.toThrow("20000 prompts; at most 10000");
  writeFileSync(path, `prompt: {a: [1], template: '${"{a} {{".repeat(30_000)}'}`);
  expect((await readTemplate(path)).lines).toHaveLength(1);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(2e6);
});
