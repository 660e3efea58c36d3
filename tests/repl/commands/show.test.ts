import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { type OpenSession, openSession } from "./open-session.js";

const LINE = '"a cat" -s 5 -S 7 -W 64 -H 64 -C 7.5 -A k_lms # model_id=tiny';
const pixels = (width: number, height: number) => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(90) });
const shown = ({ events }: OpenSession) => events.flatMap((event) => (event.type === "picture" ? [event.picture] : []));

/** A session at a keyboard. */
const open = () => openSession([], { answers: [] });

test("the terminal gets the pixels and nothing else of the file; size, format and command are told", async () => {
  const opened = await open();
  const path = join(opened.folder, "x.png");
  const png = await encodePng(pixels(64, 32), [{ keyword: "Dream", text: LINE }]);
  writeFileSync(path, png);
  expect(await opened.session.submit("!show x.png")).toBe("done");
  const [picture] = shown(opened);
  expect(picture).toMatchObject({ path, asked: true });
  expect(readPngText(picture!.png, path)).toEqual([]);
  expect(await decodePicture(picture!.png, path)).toEqual(await decodePicture(png, path));
  expect(opened.said("text")).toContain(`>> ${path}: 64×32 pixels, PNG, ${png.length} bytes\n${LINE}`);
});

test("a large picture is made smaller for the terminal", async () => {
  const opened = await open();
  writeFileSync(join(opened.folder, "x.png"), await encodePng(pixels(4096, 100), []));
  await opened.session.submit("!show x.png");
  expect(await decodePicture(shown(opened)[0]!.png, "x")).toMatchObject({ width: 2048, height: 50 });
  expect(opened.said("text")).toContain("4096×100 pixels, PNG");
});

test("a JPEG is shown too", async () => {
  const opened = await open();
  const { rgb } = pixels(16, 16);
  writeFileSync(
    join(opened.folder, "x.jpg"),
    await sharp(rgb, { raw: { width: 16, height: 16, channels: 3 } })
      .jpeg()
      .toBuffer(),
  );
  expect(await opened.session.submit("!show x.jpg")).toBe("done");
  expect(shown(opened)).toHaveLength(1);
  expect(opened.said("text")).toMatch(/16×16 pixels, JPEG, \d+ bytes\n>> file has no metadata$/);
});

test("texts that cannot be understood do not hide the picture", async () => {
  const opened = await open();
  writeFileSync(join(opened.folder, "x.png"), await encodePng(pixels(8, 8), [{ keyword: "sd-metadata", text: "{" }]));
  expect(await opened.session.submit("!show x.png")).toBe("done");
  expect(shown(opened)).toHaveLength(1);
  expect(opened.said("text")).toMatch(/>> .*x\.png holds a "sd-metadata" text that cannot be understood$/);
});

test("where there is no terminal that is said", async () => {
  const opened = await openSession();
  writeFileSync(join(opened.folder, "x.png"), await encodePng(pixels(8, 8), []));
  expect(await opened.session.submit("!show x.png")).toBe("done");
  expect(shown(opened)).toEqual([]);
  expect(opened.said("text")).toMatch(/>> there is no terminal here to show it in; .*--preview blocks\)$/);
});

test.each([
  ["!show", "** please name a picture: !show FILE"],
  ["!show none.png", "none.png does not exist; check the path"],
  ["!show notes.txt", "notes.txt is not a picture that can be read; give a PNG, JPEG, WebP or GIF file"],
])("%s is refused", async (line, sentence) => {
  const opened = await open();
  writeFileSync(join(opened.folder, "notes.txt"), "hello");
  expect(await opened.session.submit(line)).toBe("failed");
  expect(opened.said("problem")).toContain(sentence);
  expect(shown(opened)).toEqual([]);
});
