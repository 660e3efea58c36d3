import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { collectCommands, commandsText } from "../../../lib/images/metadata/collect-commands.js";
import { pngWithChunks, textChunk } from "../../support/png-with-chunks.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = await temporaryFolder();
const line = (seed: number) => `"a cat" -s 5 -S ${seed} -W 64 -H 64 -C 7.5 -A k_lms`;
for (const seed of [3, 1, 2]) writeFileSync(join(folder, `00000${seed}.${seed}.png`), pngWithChunks([textChunk.tEXt("Dream", line(seed))]));
writeFileSync(join(folder, "000004.4.png"), pngWithChunks([]));
writeFileSync(join(folder, "000005.5.png"), "hello");
writeFileSync(join(folder, "notes.txt"), "hello");
mkdirSync(join(folder, "000006.6.png"));

test("every PNG file that fits, sorted; what cannot be read does not stop the others", async () => {
  expect(await collectCommands(join(folder, "*"))).toEqual([
    { path: join(folder, "000001.1.png"), line: line(1) },
    { path: join(folder, "000002.2.png"), line: line(2) },
    { path: join(folder, "000003.3.png"), line: line(3) },
    { path: join(folder, "000004.4.png"), line: undefined },
    { path: join(folder, "000005.5.png"), problem: expect.stringContaining("is not a PNG file") },
    { path: join(folder, "000006.6.png"), problem: expect.stringContaining("is not a file") },
  ]);
});

test("a folder stands for all of its pictures", async () => {
  expect(await collectCommands(folder)).toEqual(await collectCommands(join(folder, "*.png")));
});

test("the text for a file of commands", async () => {
  const found = await collectCommands(join(folder, "00000[24].*.png"));
  expect(commandsText(found)).toBe(`# ${join(folder, "000002.2.png")}\n${line(2)}`);
  expect(commandsText([])).toBe("");
});

test("wild cards in the folder's name are refused, a missing folder is said", async () => {
  await expect(collectCommands(join(folder, "*", "x.png"))).rejects.toMatchObject({
    code: "usage/line",
    message: expect.stringContaining("unacceptable pattern"),
  });
  await expect(collectCommands(join(folder, "none", "*.png"))).rejects.toMatchObject({ code: "file/not-found" });
});

test("nothing that fits is no error", async () => expect(await collectCommands(join(folder, "x*.png"))).toEqual([]));

test("the rest of a file's name behind a line end does not become a command", () => {
  expect(commandsText([{ path: "a\n!clear #.png", line: "a cat" }])).toBe("# a !clear #.png\na cat");
});
