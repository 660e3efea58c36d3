import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { images2prompt } from "../../lib/cli/images2prompt.js";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const picture = { width: 1, height: 1, rgb: new Uint8Array(3) };

async function run(...names: string[]): Promise<{ status: number; output: string; errors: string }> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const status = await images2prompt(names, output, errors);
  const shown = (stream: PassThrough) => (stream.read()?.toString() ?? "").replaceAll(`${folder}/`, "");
  return { status, output: shown(output), errors: shown(errors) };
}

test("prints the command of every picture and goes on after a file that it cannot read", async () => {
  writeFileSync(join(folder, "one.png"), await encodePng(picture, [{ keyword: "Dream", text: '"a 猫\x1b[2J" -s 50' }]));
  writeFileSync(join(folder, "two.png"), await encodePng(picture, []));
  writeFileSync(join(folder, "text.png"), "hello");
  expect(await run(...["one.png", "none.png", "text.png", "two.png"].map((name) => join(folder, name)))).toEqual({
    status: 1,
    output: 'one.png: "a 猫\\x1b[2J" -s 50\ntwo.png: \n',
    errors: "none.png not found\ntext.png is not a PNG file; only PNG files carry a command\n",
  });
});

test("compressed texts behind the pixels and the commands of grids are found", async () => {
  const grid = '"a cat" -s 5 -S 1 --grid -n 2 # model_id=crayon # [1, 2]';
  writeFileSync(join(folder, "grid.png"), pngWithChunks([], [textChunk.zTXt("Dream", grid)]));
  expect((await run(join(folder, "grid.png"))).output).toBe(`grid.png: ${grid}\n`);
});

test("a folder is no picture", async () => {
  expect(await run(folder)).toMatchObject({ status: 1, errors: expect.stringContaining("is not a file") });
});

(process.getuid?.() === 0 ? test.skip : test)("a file that may not be read is said", async () => {
  writeFileSync(join(folder, "locked.png"), "", { mode: 0 });
  expect((await run(join(folder, "locked.png"))).errors).toBe("locked.png could not be opened due to inadequate permissions\n");
});

test("wild cards that no shell has expanded are", async () => {
  for (const name of ["wild-b.png", "wild-a.png"]) writeFileSync(join(folder, name), await encodePng(picture, []));
  expect((await run(join(folder, "wild-[!c]*.png"))).output).toBe("wild-a.png: \nwild-b.png: \n");
  expect(await run(join(folder, "none*.png"))).toMatchObject({ status: 1, errors: "none*.png not found\n" });
});

test("without files it says how to call it", async () => {
  expect(await run()).toMatchObject({ status: 2, errors: "usage: images2prompt FILE.png ...\n" });
});
