import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openSession } from "./open-session.js";

/** Replays a file with these contents in a session of its own. */
async function replay(contents: string | Uint8Array, name = "lines.txt") {
  const opened = await openSession();
  writeFileSync(join(opened.folder, name), contents);
  const result = await opened.session.submit(`!replay ${name}`);
  const told = opened.said("text");
  return { ...opened, result, told, prompts: opened.engine.jobs.map(({ prompt }) => prompt) };
}

test("the lines run one after the other, each echoed, comments and empty lines left out", async () => {
  const { result, prompts, told } = await replay("a cat -S1\r\n\n# a comment\n// another\n  a dog -S2");
  expect(result).toBe("done");
  expect(prompts).toEqual(["a cat", "a dog"]);
  expect(told).toMatch(/#a cat -S1\n>> Usage stats[\s\S]*\n#a dog -S2\n/);
  expect(told).not.toContain("comment");
});

test("a failed line does not stop the others, and shows in the result", async () => {
  const { result, prompts, said } = await replay("a cat -s\na dog");
  expect(result).toBe("failed");
  expect(prompts).toEqual(["a dog"]);
  expect(said("problem")).toContain("expected one argument");
});

test.each([
  ["dream_log.txt", 'outputs/000001.5.png: "a cat" -s 4 -S 5 -W 64 -H 64 -C 7.5 -A k_lms # model_id=tiny'],
  ["dream.py", 'outputs/000001.5.png: "a cat" -s4 -W64 -H64 -C7.5 -Ak_lms -S5'],
  ["invoke_log.txt", "outputs/000001.5.png: a cat -s 4 -S 5 -W 64 -H 64 -C 7.5 -A k_lms"],
  ["dream_log.md", '## 000001.5.png\n![](000001.5.png)\n\n"a cat" -s 4 -S 5 -W 64 -H 64 -C 7.5 -A k_lms\n'],
  ["!fetch", '# outputs/000001.5.png\n"a cat" -s 4 -S 5 -W 64 -H 64 -C 7.5 -A k_lms'],
])("what %s wrote is run again", async (_name, contents) => {
  const { result, engine } = await replay(contents);
  expect(result).toBe("done");
  expect(engine.jobs).toMatchObject([{ prompt: "a cat", steps: 4, seed: 5, width: 64 }]);
});

test("the log of a session makes its pictures again", async () => {
  const { session, engine, folder } = await openSession();
  await session.submit("a cat -n2");
  await session.submit(`!replay ${join(folder, "dream_log.txt")}`);
  expect(engine.jobs).toHaveLength(4);
  expect(engine.jobs.slice(2)).toEqual(engine.jobs.slice(0, 2));
});

test("a file that replays itself is told so", async () => {
  const { result, told } = await replay("!replay lines.txt\na cat");
  expect(result).toBe("done");
  expect(told.match(/>> !replay is ignored inside a file that is being replayed/g)).toHaveLength(1);
});

test("q in the file leaves the program", async () => {
  const { result, prompts } = await replay("q\na cat");
  expect(result).toBe("leave");
  expect(prompts).toEqual([]);
});

test("an interrupt stops the whole file", async () => {
  const { session, engine, folder } = await openSession();
  writeFileSync(join(folder, "lines.txt"), "a cat\na dog\na cow");
  engine.stepMilliseconds = 2;
  engine.beforeStep = () => session.interrupt();
  expect(await session.submit("!replay lines.txt")).toBe("failed");
  expect(engine.jobs).toHaveLength(1);
});

test("only the command itself is remembered", async () => {
  const { session, said } = await replay("a cat\n!models");
  await session.submit("!history");
  expect(said("text")).toMatch(/\n\[1\] !replay lines\.txt$/);
});

test.each([
  ["a picture", Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), /lines\.txt is no text in UTF-8/],
  ["Latin-1", Buffer.from("a caf\xe9", "latin1"), /lines\.txt is no text in UTF-8/],
  ["17 MB", Buffer.alloc(17e6, "a cat\n"), /lines\.txt has 17000000 bytes; at most 16777216 are read/],
])("%s is refused", async (_what, contents, sentence) => {
  const { result, said, prompts } = await replay(contents);
  expect(result).toBe("failed");
  expect(said("problem")).toMatch(sentence);
  expect(prompts).toEqual([]);
});

test("a line that is too long is told of, not shown", async () => {
  const { result, said, prompts } = await replay(`${"x".repeat(200_000)}\na cat`);
  expect(result).toBe("failed");
  expect(said("problem")).toBe("** The line has 200000 characters; at most 100000 are taken");
  expect(said("text").length).toBeLessThan(5000);
  expect(prompts).toEqual(["a cat"]);
});

test.each([
  ["!replay none.txt", /none\.txt does not exist; check the path$/],
  ["!replay", /please name a file of lines: !replay FILE$/],
  ["!replay .", /is a folder, not a file/],
])("%s is refused", async (line, sentence) => {
  const { session, said, folder } = await openSession();
  expect(await session.submit(line)).toBe("failed");
  expect(said("problem")).toMatch(sentence);
  expect(readdirSync(folder)).toEqual([]);
});
