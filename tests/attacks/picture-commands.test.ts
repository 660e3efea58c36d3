import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import encodeChunks from "png-chunks-encode";
import { encodePng } from "../../lib/images/pixels/encode-png.js";
import { openSession } from "../repl/commands/open-session.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";

/* Files that the commands on pictures are given: each line ends soon, in one sentence, and changes nothing. */

const COMMANDS = ["!fetch FILE", "!fix FILE -U 2", "!show FILE", "!verify FILE", "!replay FILE", "!fetch FILE out.txt"];

async function refuse(line: string, prepare: (folder: string) => void): Promise<string> {
  const { session, folder, said, engine } = await openSession();
  prepare(folder);
  const before = readdirSync(folder).sort();
  const started = Date.now();
  expect(await session.submit(line.replaceAll("FOLDER", folder))).toBe("failed");
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(said("problem")).not.toContain("internal error");
  expect(said("problem").length).toBeLessThan(500 + 2 * line.length);
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(engine.jobs).toEqual([]);
  return said("problem");
}

/** A PNG that says it has these sides and holds next to nothing. */
function bomb(side: number): Uint8Array {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const text = Buffer.from('Dream\0"x" -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms # model_id=tiny', "latin1");
  return encodeChunks([
    { name: "IHDR", data: header },
    { name: "tEXt", data: text },
    { name: "IDAT", data: deflateSync(Buffer.alloc(1000)) },
    { name: "IEND", data: Buffer.alloc(0) },
  ]);
}

describe.each(COMMANDS)("%s", (command) => {
  const line = (file: string) => command.replace("FILE", file);

  test.each([["/dev/zero"], ["/dev/stdin"], ["FOLDER"], ["FOLDER/a/b/c"], ["x".repeat(300)], ["loop"], ["../../../.."], ['""']])(
    "what is no file: %s",
    async (file) => {
      await refuse(line(file), (folder) => symlinkSync("loop", join(folder, "loop")));
    },
  );

  test("a pipe that nobody writes into", async () => {
    await refuse(line("FOLDER/pipe.png"), (folder) => execFileSync("mkfifo", [join(folder, "pipe.png")]));
  });
});

test.each(["!fix x.png -U 2", "!show x.png", "!verify x.png"])("%s of a picture that says it is enormous", async (line) => {
  const sentence = await refuse(line, (folder) => writeFileSync(join(folder, "x.png"), bomb(60_000)));
  expect(sentence).toMatch(/says it has 60000×60000 pixels|has 60000×60000 pixels/);
});

describe("!verify does not draw what a picture asks for", () => {
  test.each([
    ["a hundred thousand pictures", '"x" -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms --grid -n 100000'],
    ["a picture of a gigapixel", '"x" -s 3 -S 5 -W 32768 -H 32768 -C 7.5 -A k_lms'],
    ["a billion steps", '"x" -s 1000000000 -S 5 -W 64 -H 64 -C 7.5 -A k_lms'],
    ["another picture of the disk", '"x" -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms -I /etc/passwd'],
    ["a command", '!fix "x" -U 2'],
    ["nothing", '"" -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms'],
  ])("%s", async (_what, text) => {
    await refuse("!verify x.png", (folder) => writeFileSync(join(folder, "x.png"), pngWithChunks([textChunk.tEXt("Dream", text)])));
  });
});

describe("!fetch PATTERN FILE", () => {
  const picture = (folder: string) => writeFileSync(join(folder, "x.png"), pngWithChunks([textChunk.tEXt("Dream", "a cat -s 3 -S 5")]));

  test("never writes through a link into another file", async () => {
    await refuse("!fetch x.png out.txt", (folder) => {
      picture(folder);
      writeFileSync(join(folder, "precious"), "text");
      symlinkSync(join(folder, "precious"), join(folder, "out.txt"));
    });
  });

  test.each(["FOLDER", "FOLDER/none/out.txt", "/dev/null", "x.png"])("into %s", async (out) => {
    await refuse(`!fetch x.png ${out}`, (folder) => picture(folder));
  });

  test("a name with a line end makes no command", async () => {
    const { session, folder } = await openSession();
    mkdirSync(join(folder, "evil"));
    const png = pngWithChunks([textChunk.tEXt("Dream", "a cat -s 3 -S 5")]);
    writeFileSync(join(folder, "evil", "x\n!clear #.png"), png);
    expect(await session.submit(`!fetch ${folder}/evil out.txt`)).toBe("done");
    expect(readFileSync(join(folder, "out.txt"), "utf8").split("\n")).toHaveLength(2);
  });
});

test("what !fix repeats of a picture's own words is no command and steers no terminal", async () => {
  const { session, folder, said } = await openSession();
  const text = JSON.stringify({ model_id: "x\n!clear", image: { prompt: "\u001b]0;evil\u0007\n!clear", seed: 5, sampler: "a\nb" } });
  const pixels = { width: 2, height: 2, rgb: new Uint8Array(12) };
  writeFileSync(join(folder, "x.png"), await encodePng(pixels, [{ keyword: "sd-metadata", text }]));
  expect(await session.submit("!fix x.png -U 2")).toBe("done");
  expect(said("text").replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8").trimEnd().split("\n")).toHaveLength(1);
});
