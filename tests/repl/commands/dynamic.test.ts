import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type OpenOptions, openSession } from "./open-session.js";

async function run(template: string, options: OpenOptions = {}) {
  const opened = await openSession([], options);
  writeFileSync(join(opened.folder, "scan.yaml"), template);
  const result = await opened.session.submit("!dynamic scan.yaml");
  return { ...opened, result };
}

test("the lines are announced, echoed and run", async () => {
  const { engine, said, result, folder } = await run("prompt: [a cat, a dog]\ncfg: [5, 6.5]\ndimensions: 128x64\nsteps: 2\n");
  expect(result).toBe("done");
  expect(engine.jobs.map(({ prompt, cfgScale, steps, width }) => [prompt, cfgScale, steps, width])).toEqual([
    ["a cat", 5, 2, 128],
    ["a cat", 6.5, 2, 128],
    ["a dog", 5, 2, 128],
    ["a dog", 6.5, 2, 128],
  ]);
  expect(said("text")).toContain(`>> ${join(folder, "scan.yaml")}: 4 lines of prompts\n`);
  expect(said("text")).toContain("#a dog -S0 -Addim -C5 -s2  --perlin=0 --threshold=0 -W128 -H64\n");
});

test("a line that fails does not stop the others", async () => {
  const { engine, result } = await run("prompt: a cat\nsampler: [nonsense, ddim]\nsteps: 1\ndimensions: 64x64\n");
  expect(result).toBe("failed");
  expect(engine.jobs).toHaveLength(1);
});

const MANY = "prompt: a cat\nsteps: 1\nseed: 1;101;1\ndimensions: 64x64\n";

test.each([
  ["y", 101],
  ["n", 0],
  ["", 0],
])("a hundred lines and more are asked for: %j", async (answer, made) => {
  const { engine, result } = await run(MANY, { answers: [answer] });
  expect(result).toBe("done");
  expect(engine.jobs).toHaveLength(made);
});

test("an unknown section is told, a mistake is one sentence", async () => {
  expect((await run("prompt: x\nstep: 1\nsteps: 1\ndimensions: 64x64")).said("text")).toMatch(
    />> the section "step" of .*scan\.yaml means nothing/,
  );
  const { result, said, engine } = await run("prompt: [a\nseed: 5");
  expect(result).toBe("failed");
  expect(said("problem")).toMatch(/^\*\* .*scan\.yaml is not valid YAML: [^\n]+$/);
  expect(engine.jobs).toEqual([]);
});

test("without a name it says what is missing", async () => {
  const { session, said } = await openSession();
  await session.submit("!dynamic");
  expect(said("problem")).toBe("** please name a template: !dynamic FILE");
});
