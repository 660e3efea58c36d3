import { PassThrough, Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { readLines } from "../../lib/repl/read-lines.js";

async function linesOf(input: Readable, ending = new AbortController()): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(input, ending.signal)) lines.push(line);
  return lines;
}

test.each<[string, (string | Buffer)[], string[]]>([
  ["every kind of line end", ["a\nb\r\nc\rd\n"], ["a", "b", "c", "d"]],
  ["a line end cut in two", ["a\r", "\nb"], ["a", "b"]],
  ["a final \\r", ["a\r"], ["a"]],
  ["empty lines, and none after the last end", ["\n\na\n"], ["", "", "a"]],
  ["a letter cut in two", [Buffer.from([0xc3]), Buffer.from([0xa4, 0x0a])], ["ä"]],
  ["an unfinished letter at the end", [Buffer.from([0x61, 0xc3])], ["a\ufffd"]],
  ["nothing", [], []],
])("%s", async (_, chunks, lines) => {
  expect(await linesOf(Readable.from(chunks, { objectMode: true }))).toEqual(lines);
});

test("a signal ends the lines while the next one is waited for, and lets the stream go", async () => {
  const input = new PassThrough();
  const ending = new AbortController();
  const lines = linesOf(input, ending);
  input.write("a\nb");
  setTimeout(() => ending.abort(), 5);
  expect(await lines).toEqual(["a"]);
  expect(input.destroyed).toBe(true);
});

test("a stream that breaks is said", async () => {
  const input = new PassThrough();
  const lines = linesOf(input);
  input.write("a\n");
  setTimeout(() => input.destroy(new Error("EIO")), 5);
  await expect(lines).rejects.toMatchObject({ code: "file/unreadable", message: "the lines cannot be read any further" });
});

test("a line that never ends is given up, and no more of it is read", async () => {
  let given = 0;
  const endless = new Readable({
    read() {
      given++;
      this.push("y".repeat(65536));
    },
  });
  await expect(linesOf(endless)).rejects.toMatchObject({
    message: expect.stringContaining("line 1 does not end within 4194304 characters"),
  });
  expect(given).toBeLessThan(100);
});
