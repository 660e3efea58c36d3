import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import encodeChunks from "png-chunks-encode";
import sharp from "sharp";
import { openSession } from "../repl/commands/open-session.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Initial pictures that are none, or lie: one clear line each, and nothing is made. */

const folder = await temporaryFolder();
const noise = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * i * 7) % 251);
const image = sharp(noise, { raw: { width: 128, height: 128, channels: 3 } });

/** A PNG whose header says what it likes. */
function pngOf(width: number, height: number): Uint8Array {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return encodeChunks([
    { name: "IHDR", data: header },
    { name: "IDAT", data: deflateSync(Buffer.alloc(99)) },
    { name: "IEND", data: Buffer.alloc(0) },
  ]);
}

const png = await image.clone().png().toBuffer();
const jpeg = await image.clone().jpeg().toBuffer();
const files: Readonly<Record<string, Uint8Array>> = {
  "empty.png": new Uint8Array(0),
  "cut.png": png.subarray(0, png.length / 2),
  "cut.jpg": jpeg.subarray(0, jpeg.length / 2),
  "huge.png": pngOf(40_000, 40_000),
  "liar.png": pngOf(5000, 5000),
  "text.png": Buffer.from("I am a picture"),
  "drawing.svg": Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  "narrow.png": await sharp({ create: { width: 2000, height: 20, channels: 3, background: "red" } })
    .png()
    .toBuffer(),
  "long.png": await sharp({ create: { width: 9000, height: 640, channels: 3, background: "red" } })
    .png()
    .toBuffer(),
};
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
mkdirSync(join(folder, "folder.png"));

async function refused(name: string, sentence: string, switches = ""): Promise<void> {
  const opened = await openSession();
  const path = join(folder, name);
  for (const line of [`a -I ${path} -S5 ${switches}`, `-I ${path} -S5 ${switches}`, `a -I ${path} -S5 -n2 -g ${switches}`]) {
    opened.events.length = 0;
    expect(await opened.session.submit(line)).toBe("failed");
    expect(opened.said("problem")).toBe(`** ${path}${sentence}`);
  }
  expect(opened.engine.jobs).toEqual([]);
  expect(readdirSync(opened.folder)).toEqual([]);
}

const NOT_A_PICTURE = " is not a picture that can be read; give a PNG, JPEG, WebP or GIF file";

test.each([
  ["nothing.png", ": File not found; check the path"],
  ["empty.png", " is empty; give a PNG, JPEG, WebP or GIF file"],
  ["cut.png", " is a PNG file that is damaged or cut off; give a PNG, JPEG, WebP or GIF file"],
  ["cut.jpg", " is a JPEG file that is damaged or cut off; give a PNG, JPEG, WebP or GIF file"],
  ["liar.png", " is a PNG file that is damaged or cut off; give a PNG, JPEG, WebP or GIF file"],
  ["huge.png", " says it has 40000×40000 pixels, more than 100 megapixels; make it smaller first"],
  ["text.png", NOT_A_PICTURE],
  ["drawing.svg", NOT_A_PICTURE],
  ["folder.png", " is not a file; check what it is and who may read it"],
])("%s%s", (name, sentence) => refused(name, sentence));

const DAMAGED = [
  ["empty.png", " is empty"],
  ["cut.png", " is a PNG file that is damaged or cut off"],
  ["cut.jpg", " is a JPEG file that is damaged or cut off"],
  ["liar.png", " is a PNG file that is damaged or cut off"],
  ["huge.png", " says it has 40000×40000 pixels, more than 100 megapixels"],
  ["text.png", " is not a picture that can be read"],
  ["drawing.svg", " is not a picture that can be read"],
] as const;

describe("the same files wherever a picture goes in", () => {
  test.each(DAMAGED)("--embiggen: %s%s", async (name, sentence) => {
    const opened = await openSession();
    expect(await opened.session.submit(`a -I ${join(folder, name)} --embiggen 2 -W64 -H64`)).toBe("failed");
    expect(opened.said("problem")).toContain(`** ${join(folder, name)}${sentence}`);
    expect(opened.engine.jobs).toEqual([]);
    expect(readdirSync(opened.folder)).toEqual([]);
  });

  test.each(DAMAGED)("--init_color: %s%s", async (name, sentence) => {
    const opened = await openSession();
    expect(await opened.session.submit(`a -W64 -H64 --init_color ${join(folder, name)}`)).toBe("failed");
    expect(opened.said("problem")).toContain(`** ${join(folder, name)}${sentence}`);
    expect(opened.engine.jobs).toEqual([]);
    expect(readdirSync(opened.folder)).toEqual([]);
  });

  // Here the texts are read first.
  const inFix = DAMAGED.map(([name, sentence]) => [name, name === "cut.png" ? " is cut off or has a chunk with a wrong length" : sentence]);
  test.each(inFix)("!fix: %s%s", async (name = "", sentence = "") => {
    for (const tool of ["-U 2", "--embiggen 2 -W64 -H64", "-c top 64", "-D left"]) {
      const opened = await openSession();
      expect(await opened.session.submit(`!fix ${join(folder, name)} ${tool}`)).toBe("failed");
      expect(opened.said("problem")).toContain(sentence.trim());
      expect(opened.said("problem").split("\n")).toHaveLength(1);
      expect(opened.engine.jobs).toEqual([]);
      expect(readdirSync(opened.folder)).toEqual([]);
    }
  });
});

describe("pictures that are too narrow or too long", () => {
  // Without a prompt the same file is asked for one first.
  const only = async (name: string, sentence: string, switches: string) => {
    const opened = await openSession();
    const path = join(folder, name);
    expect(await opened.session.submit(`a -I ${path} ${switches}`)).toBe("failed");
    expect(opened.said("problem")).toBe(`** ${path}${sentence}`);
    expect(readdirSync(opened.folder)).toEqual([]);
  };
  test("20 pixels high", () =>
    only("narrow.png", " has 2000x20 pixels: less than 64 of a side would be left; enlarge it, with --fit for example", ""));
  test("20 pixels high, in a box that it is too long for", () =>
    only("narrow.png", " has 2000x20 pixels: less than 64 of a side would be left; give a larger -W and -H", "--fit -W 512 -H 512"));
  test("9000 pixels wide", () => only("long.png", " has 9000x640 pixels, and a side has at most 8192; --fit makes it smaller", ""));
});

(process.platform === "win32" ? test.skip : test)("pipes and devices are not waited for", async () => {
  execFileSync("mkfifo", [join(folder, "pipe.png")]);
  await refused("pipe.png", " is not a file; check what it is and who may read it");
  symlinkSync("/dev/zero", join(folder, "zero.png"));
  await refused("zero.png", " is not a file; check what it is and who may read it");
});

describe("unusual pictures that are read", () => {
  const frames = [image.clone(), image.clone().negate()];
  const unusual = {
    "cmyk.jpg": () => image.clone().toColourspace("cmyk").jpeg().toBuffer(),
    "deep.png": () => image.clone().toColourspace("rgb16").png().toBuffer(),
    "grey.png": () => image.clone().greyscale().png().toBuffer(),
    "palette.png": () => image.clone().png({ palette: true }).toBuffer(),
    "animated.gif": async () => {
      const parts = await Promise.all(frames.map((frame) => frame.png().toBuffer()));
      return sharp(parts, { join: { animated: true } })
        .gif()
        .toBuffer();
    },
  } as const;

  test.each(Object.entries(unusual))("%s", async (name, make) => {
    const path = join(folder, name);
    writeFileSync(path, await make());
    const opened = await openSession();
    expect(await opened.session.submit(`a -I ${path} -S5`)).toBe("done");
    expect(opened.engine.jobs[0]).toMatchObject({ width: 128, height: 128 });
    expect(opened.engine.jobs[0]?.init?.rgb).toHaveLength(128 * 128 * 3);
    const told = opened.said("text").includes(`>> ${path} is an animation of 2 frames; its first frame is used`);
    expect(told).toBe(name.startsWith("animated"));
  });
});

test("a picture's text cannot steer the terminal or run a command", async () => {
  const path = join(folder, "evil.png");
  const opened = await openSession();
  const text = { keyword: "Dream", data: '"\u001b[2J !del_model tiny\nq" -s 3' };
  const body = Buffer.from(`${text.keyword}\0${text.data}`, "latin1");
  const chunks = encodeChunks([
    { name: "IHDR", data: Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]) },
    { name: "tEXt", data: body },
    { name: "IDAT", data: deflateSync(Buffer.alloc(64 * (64 * 3 + 1))) },
    { name: "IEND", data: Buffer.alloc(0) },
  ]);
  writeFileSync(path, chunks);
  expect(await opened.session.submit(`-I ${path} -S5`)).toBe("done");
  expect(opened.engine.jobs.map(({ prompt }) => prompt)).toEqual(["[2J !del_model tiny q"]);
  expect(opened.said("text")).not.toContain("\u001b");
});
