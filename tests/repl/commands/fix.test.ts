import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { enlarge } from "../../../lib/images/pixels/enlarge.js";
import { type OpenSession, openSession } from "./open-session.js";

/** A session that made one picture, 000001.42.png. */
async function open(): Promise<OpenSession> {
  const opened = await openSession();
  await opened.session.submit('a "cat" -S42 -W64 -H64');
  opened.events.length = 0;
  return opened;
}
const pictures = ({ folder }: OpenSession) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const rgb = Uint8Array.from({ length: 8 * 4 * 3 }, (_, i) => i);

test("-U makes a larger picture under a number of its own and says what the seed document says", async () => {
  const opened = await open();
  expect(await opened.session.submit("!fix 000001.42.png -U2")).toBe("done");
  const path = join(opened.folder, "000002.42.upscale-00.png");
  const source = join(opened.folder, "000001.42.png");
  const dream = `!fix "${source}" -s 3 -S 42 -W 64 -H 64 -C 7.5 -A k_lms -U 2.0 0.75 # model_id=tiny`;
  expect(opened.said("text").split("\n").slice(0, 3)).toEqual([
    `>> fixing ${source}`,
    '>> retrieved seed 42 and prompt "a "cat""',
    ">> Lanczos Upscaling seed:42, scale:2x, strength:0.75",
  ]);
  expect(opened.said("text")).toContain(`1 image(s) generated in`);
  expect(opened.said("text")).toMatch(/\nOutputs:\n\[2\] /);
  expect(opened.said("text")).toContain(`[2] ${path}: ${dream}\n`);
  expect(readFileSync(join(opened.folder, "dream_log.txt"), "utf8")).toMatch(/\n.*upscale-00\.png: !fix "/);
  const bytes = readFileSync(path);
  const whole = await decodePicture(readFileSync(source), "x");
  expect(await decodePicture(bytes, "x")).toEqual({ ...(await enlarge(whole, 2, 0.75)), notes: [] });
  expect(opened.events.some((event) => event.type === "picture" && event.picture.path === path)).toBe(true);
});

test("the texts hold the command and the chain, which names the resampler", async () => {
  const opened = await open();
  await opened.session.submit("!fix 000001.42.png -U 2 1");
  await opened.session.submit("!fix 000002.42.upscale-00.png -U 2");
  const [dream, metadata] = readPngText(readFileSync(join(opened.folder, "000003.42.upscale-00.png")), "x");
  const second = `!fix "${join(opened.folder, "000002.42.upscale-00.png")}" -s 3 -S 42`;
  expect(dream).toMatchObject({ keyword: "Dream", text: expect.stringContaining(second) });
  expect(JSON.parse(metadata?.text ?? "")).toMatchObject({
    app_id: "dream-repl",
    image: {
      seed: 42,
      postprocessing: [
        { tool: "upscale", method: "lanczos3", dream_command: expect.stringContaining("-U 2.0 1.0") },
        { tool: "upscale", method: "lanczos3", dream_command: expect.stringContaining(second) },
      ],
    },
  });
});

test("the recorded line does the same again", async () => {
  const opened = await open();
  await opened.session.submit("!fix 000001.42.png -U 3 0.5");
  const [dream] = readPngText(readFileSync(join(opened.folder, "000002.42.upscale-00.png")), "x");
  expect(await opened.session.submit(dream?.text ?? "")).toBe("done");
  expect(opened.said("problem")).toBe("");
  const [one, two] = ["000002", "000003"].map((prefix) => readFileSync(join(opened.folder, `${prefix}.42.upscale-00.png`)));
  expect(two?.equals(one as Buffer)).toBe(true);
});

test("-S -1 and !fetch know the new picture", async () => {
  const opened = await open();
  await opened.session.submit("!fix 000001.42.png -U 2 -S 7");
  await opened.session.submit("a dog -S -1");
  expect(opened.said("text")).toContain(">> Reusing previous seed 7");
  await opened.session.submit("!fetch 000002.7.upscale-00.png");
  expect(opened.said("text")).toContain(">> the picture was changed afterwards: upscale (lanczos3)");
});

test("a picture that says nothing has the seed of its name and no prompt", async () => {
  const opened = await open();
  writeFileSync(join(opened.folder, "000009.77.png"), await encodePng({ width: 8, height: 4, rgb }, []));
  expect(await opened.session.submit("!fix 000009.77.png -U 2")).toBe("done");
  expect(opened.said("text")).toContain('>> retrieved seed 77 and prompt ""');
  const [dream, metadata] = readPngText(readFileSync(join(opened.folder, "000010.77.upscale-00.png")), "x");
  const source = join(opened.folder, "000009.77.png");
  expect(dream?.text).toBe(`!fix "${source}" -S 77 -U 2.0 0.75`);
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex");
  expect(JSON.parse(metadata?.text ?? "")).toMatchObject({ image: { orig_path: source, orig_hash: hash } });
});

test("a JPEG, and a path with blanks in quotation marks", async () => {
  const opened = await open();
  const jpeg = await sharp(rgb, { raw: { width: 8, height: 4, channels: 3 } })
    .jpeg()
    .toBuffer();
  writeFileSync(join(opened.folder, "my photo.jpg"), jpeg);
  expect(await opened.session.submit(`!fix "${opened.folder}/my photo.jpg" -U 2`)).toBe("done");
  expect(pictures(opened)).toContain("000002.0.upscale-00.png");
});

test("a log that cannot be written does not hide the picture", async () => {
  const opened = await open();
  const place = join(opened.folder, "other");
  mkdirSync(join(place, "dream_log.txt"), { recursive: true });
  expect(await opened.session.submit(`!fix 000001.42.png -U 2 -o ${place}`)).toBe("failed");
  expect(opened.said("text")).toContain(`[2] ${join(place, "000001.42.upscale-00.png")}: !fix`);
  expect(opened.said("problem")).toMatch(/^\*\* cannot write .*dream_log\.txt/);
});

test("transparency stays", async () => {
  const opened = await open();
  const alpha = Uint8Array.from({ length: 32 }, (_, i) => (i < 16 ? 0 : 255));
  writeFileSync(join(opened.folder, "x.png"), await encodePng({ width: 8, height: 4, rgb, alpha }, []));
  await opened.session.submit("!fix x.png -U 2");
  const fixed = await decodePicture(readFileSync(join(opened.folder, "000002.0.upscale-00.png")), "x");
  expect(fixed.alpha).toEqual((await enlarge({ width: 8, height: 4, rgb, alpha }, 2, 0.75)).alpha);
});

test.each([
  ["gfpgan", "GFPGAN"],
  ["codeformer", "CodeFormer"],
])("-G -ft %s says that there is no model; -U is done all the same", async (tool, name) => {
  const opened = await open();
  expect(await opened.session.submit(`!fix 000001.42.png -G 0.8 -ft ${tool} -U 2`)).toBe("failed");
  expect(opened.said("problem")).toBe(
    `** ${name} not found. Face restoration is disabled: no face model is installed; ` +
      "register an exported one with !import_model FILE.onnx, or leave out -G",
  );
  expect(pictures(opened)).toEqual(["000001.42.png", "000002.42.upscale-00.png"]);
  const [dream] = readPngText(readFileSync(join(opened.folder, "000002.42.upscale-00.png")), "x");
  expect(dream?.text).not.toContain(" -G");
});

test("-o and -z are heeded, other switches are said to change nothing", async () => {
  const opened = await open();
  const place = join(opened.folder, "larger");
  expect(await opened.session.submit(`!fix 000001.42.png -U 2.5 -o ${place} -z0 -n3 -g`)).toBe("done");
  expect(readdirSync(place)).toContain("000001.42.upscale-00.png");
  expect(opened.said("text")).toContain(">> -U takes whole factors: 2 instead of 2.5");
  expect(opened.said("text")).toMatch(/>> !fix changes a finished picture: .*-n.* changes nothing here/);
  const stored = readFileSync(join(place, "000001.42.upscale-00.png")).length;
  expect(stored).toBeGreaterThan(128 * 128 * 3);
});

test("any other seed than a possible one asks for a fresh one", async () => {
  const opened = await open();
  expect(await opened.session.submit("!fix 000001.42.png -U 2 -S -1")).toBe("done");
  expect(pictures(opened)[1]).toMatch(/^000002\.(?!42\.)\d+\.upscale-00\.png$/);
});

test.each([
  ["before the work", 2, (action: () => void) => action()],
  ["in the middle of it", 60, (action: () => void) => void setImmediate(action)],
])("an interrupt %s leaves nothing behind", async (_when, factor, soon) => {
  const { folder } = await open();
  const texts: string[] = [];
  const other: OpenSession = await openSession([], {
    emit: (event) => {
      if (event.type === "problem") texts.push(event.text);
      if (event.type === "text" && event.text.startsWith(">> Lanczos")) soon(() => other.session.interrupt());
    },
  });
  expect(await other.session.submit(`!fix ${folder}/000001.42.png -U ${factor}`)).toBe("failed");
  expect(texts).toEqual(["** Interrupted, nothing was written"]);
  expect(pictures(other)).toEqual([]);
});

test.each([
  ["", "please provide at least one postprocessing option, such as -G or -U"],
  ["-G 0", "please provide at least one postprocessing option, such as -G or -U"],
  [
    "-G 0.8",
    "GFPGAN not found. Face restoration is disabled: no face model is installed; register an exported one with !import_model FILE.onnx, or leave out -G",
  ],
  ["-G 0.8 -ft nonsense", '-ft is gfpgan or codeformer, not "nonsense"'],
  ["-G 2", "-G/--facetool_strength/--gfpgan_strength must be between 0 and 1, not 2"],
  ["-U 0", "-U 0: Invalid scaling option. Image not upscaled; give 2 or more"],
  ["-U -2", "-U -2: Invalid scaling option. Image not upscaled; give 2 or more"],
  ["-U 1.9", "-U 1.9 leaves the size as it is. Image not upscaled; give 2 or more"],
  ["-U 2 1.5", "-U 2 1.5: the strength is a number from 0 to 1"],
  ["-U 2 1 1", "-U/--upscale takes at most 2 values, not 3"],
  ["-U 1000", "-U 1000 would make 64000×64000 pixels; choose a factor that makes at most 16384 a side and 256 megapixels in all"],
  ["-U", "argument -U/--upscale: expected at least one argument"],
])("!fix FILE %s is refused", async (switches, sentence) => {
  const opened = await open();
  expect(await opened.session.submit(`!fix 000001.42.png ${switches}`)).toBe("failed");
  expect(opened.said("problem")).toBe(`** ${sentence}`);
  expect(pictures(opened)).toEqual(["000001.42.png"]);
});

test.each([
  ["!fix", "please name a picture: !fix FILE -U 2"],
  ["!fix -U 2", "please name a picture: !fix FILE -U 2"],
  ["!fix none.png -U 2", "none.png: file could not be read: "],
  ["!fix notes.txt -U 2", "notes.txt: file could not be read: "],
])("%s is refused", async (line, sentence) => {
  const opened = await open();
  writeFileSync(join(opened.folder, "notes.txt"), "hello");
  expect(await opened.session.submit(line)).toBe("failed");
  expect(opened.said("problem")).toContain(`** ${sentence}`);
  expect(pictures(opened)).toEqual(["000001.42.png"]);
});
