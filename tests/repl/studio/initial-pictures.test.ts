import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { type OpenSession, openSession } from "../commands/open-session.js";

const pngs = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .sort();
const textOf = (path: string, keyword: string) =>
  readPngText(readFileSync(path), path).find((text) => text.keyword === keyword)?.text ?? "";
const dreamOf = (folder: string, name: string) => textOf(join(folder, name), "Dream");
const jobs = ({ engine }: OpenSession) => engine.jobs.map(({ width, height, init }) => [width, height, init?.strength]);

/** A session with a picture of this size beside its results. */
async function open(width = 200, height = 130, switches: readonly string[] = []) {
  const opened = await openSession(switches);
  mkdirSync(join(opened.folder, "in"));
  const path = join(opened.folder, "in", "photo.png");
  await sharp({ create: { width, height, channels: 3, background: "#102030" } }).toFile(path);
  return { ...opened, path };
}

test("the picture keeps its own size, rounded down, whatever -W and -H say", async () => {
  const opened = await open();
  expect(await opened.session.submit(`a -I ${opened.path} -S5 -W 512 -H 512`)).toBe("done");
  expect(jobs(opened)).toEqual([[192, 64, 0.75]]);
  expect(opened.engine.jobs[0]?.init?.rgb).toHaveLength(192 * 64 * 3);
  expect(opened.said("text")).toContain(
    `>> loaded input image of size 200x130 from ${opened.path}\n>> after adjusting image dimensions to be multiples of 64, init image is 192x64`,
  );
  expect(dreamOf(opened.folder, "000001.5.png")).toBe(
    `"a" -s 3 -S 5 -W 512 -H 512 -C 7.5 -I ${opened.path} -A k_lms -f 0.75 # model_id=tiny`,
  );
});

test("--fit puts it into the box", async () => {
  const opened = await open(1000, 500);
  await opened.session.submit(`a -I ${opened.path} --fit -W 256 -H 256 -f 0.4`);
  expect(jobs(opened)).toEqual([[256, 128, 0.4]]);
  const said = opened.said("text");
  expect(said).toContain(">> image will be resized to fit inside a box 256x256 in size.");
  expect(said).toContain(">> after adjusting image dimensions to be multiples of 64, init image is 256x128");
});

test.each([
  [100, 50, true],
  [100, 64, false],
  [128, 50, false],
])("a picture of %i×%i beside a model of 128×64: a warning is %s", async (width, height, warned) => {
  const opened = await open(width, height);
  await opened.session.submit(`a -I ${opened.path} --fit -W 256 -H 256`);
  const warning =
    ">> WARNING: img2img and inpainting may produce unexpected results with initial images smaller than 128x64 in both dimensions";
  expect(opened.said("text").includes(warning)).toBe(warned);
});

test("a name is looked for in the folder of pictures, too, and recorded as it was found", async () => {
  const opened = await open();
  await opened.session.submit("a -I in/photo.png -S5");
  expect(dreamOf(opened.folder, "000001.5.png")).toContain(` -I ${opened.path} -A`);
});

test("-I -1 is the last picture, and its line can be typed again", async () => {
  const opened = await open();
  await opened.session.submit("a cat -S5 -W 128 -H 128");
  await opened.session.submit("a dog -I -1 -f 0.6 -S6");
  const before = join(opened.folder, "000001.5.png");
  expect(opened.said("text")).toContain(`>> Reusing previous image ${before}`);
  const dream = dreamOf(opened.folder, "000002.6.png");
  expect(dream).toContain(` -I ${before} -A k_lms -f 0.6 `);
  await opened.session.submit(dream);
  const pixels = (name: string) => sharp(join(opened.folder, name)).raw().toBuffer();
  expect(await pixels("000003.6.png")).toEqual(await pixels("000002.6.png"));
});

test("a line without a prompt takes the picture's", async () => {
  const opened = await open();
  await opened.session.submit('"a {red} cat, \\"quoted\\"" -S5 -W 128 -H 128');
  await opened.session.submit("-I -1");
  const prompt = 'a {red} cat, "quoted"';
  expect(opened.said("text")).toContain(`>> Retrieved old prompt "${prompt}" from ${join(opened.folder, "000001.5.png")}`);
  expect(opened.engine.jobs.at(-1)?.prompt).toBe(prompt);
});

test("a line without a prompt whose picture has none is refused", async () => {
  const opened = await open();
  expect(await opened.session.submit(`-I ${opened.path}`)).toBe("failed");
  expect(opened.said("problem")).toBe(`** Try again with a prompt! ${opened.path} carries none`);
});

test("the JSON tells the file, its hash and what was done with it", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -f 0.6 -S5`);
  const { image } = JSON.parse(textOf(join(opened.folder, "000001.5.png"), "sd-metadata")) as { image: Record<string, unknown> };
  const hash = createHash("sha256").update(readFileSync(opened.path)).digest("hex");
  expect(image).toMatchObject({ type: "img2img", init_img: opened.path, orig_hash: hash, strength_steps: 0.6, fit: false });
});

test("!fetch gives the line back", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -f 0.6 -S5 --fit -W 128 -H 128`);
  await opened.session.submit("!fetch 000001.5.png");
  const prefilled = opened.events.flatMap((event) => (event.type === "prefill" ? [event.line] : []));
  expect(prefilled).toEqual([dreamOf(opened.folder, "000001.5.png")]);
});

test("a series reads the file once and begins every picture with it", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -S5 -n3`);
  expect(opened.engine.jobs.map(({ init }) => init?.rgb)).toEqual(Array(3).fill(opened.engine.jobs[0]?.init?.rgb));
  expect(opened.said("text").match(/loaded input image/g)).toHaveLength(1);
});

test("variations of a picture mix noise over it", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -S5 -v0.2 -n2 --variation_seed 7`);
  expect(opened.engine.jobs.map(({ seed, variations, init }) => [seed, variations[0]?.weight, init?.strength])).toEqual([
    [5, 0.2, 0.75],
    [5, 0.2, 0.75],
  ]);
});

test("a sweep of strengths and boxes", async () => {
  const opened = await open(512, 512);
  await opened.session.submit(`a -I ${opened.path} -f{0.3,0.6} --fit -W{128,256} -H 256 -S5`);
  expect(jobs(opened)).toEqual([
    [128, 128, 0.3],
    [256, 256, 0.3],
    [128, 128, 0.6],
    [256, 256, 0.6],
  ]);
  expect(opened.said("text").match(/init image is 128x128/g)).toHaveLength(1);
});

test("a grid has cells of the picture's size, and its line makes it again", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -S5 -n4 -g`);
  const path = join(opened.folder, "000001.5.png");
  expect(await sharp(path).metadata()).toMatchObject({ width: 2 * 192, height: 2 * 64 });
  expect(await opened.session.submit("!verify 000001.5.png")).toBe("done");
});

test("the contact sheet of -I -1 without a prompt names both", async () => {
  const opened = await open();
  await opened.session.submit("a cat -S5 -W 128 -H 128");
  await opened.session.submit("-I -1 -f{0.3,0.6} -S-1 -g");
  const before = join(opened.folder, "000001.5.png");
  const dream = dreamOf(opened.folder, "000002.5.png");
  expect(dream).toBe(`"a cat" -I -1 -f{0.3,0.6} -S-1 -g -s 3 -S 5 -W 128 -H 64 -C 7.5 -I ${before} -A k_lms # model_id=tiny`);
  opened.engine.jobs.length = 0;
  // Its -I -1 and -S -1 stand there still; what follows them counts.
  expect(await opened.session.submit(dream)).toBe("done");
  expect(opened.engine.jobs.map(({ prompt, seed, init }) => [prompt, seed, init?.strength])).toEqual([
    ["a cat", 5, 0.3],
    ["a cat", 5, 0.6],
  ]);
});

test("!verify makes such a picture again", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -S5`);
  expect(await opened.session.submit("!verify 000001.5.png")).toBe("done");
  await sharp({ create: { width: 200, height: 130, channels: 3, background: "#ffffff" } }).toFile(opened.path);
  expect(await opened.session.submit("!verify 000001.5.png")).toBe("failed");
  expect(opened.said("text")).toMatch(/photo\.png is not the file that it was begun with: its hash is another one/);
});

test("progress counts the steps that are run", async () => {
  const opened = await open();
  await opened.session.submit(`a -I ${opened.path} -s10 -f 0.4`);
  const first = opened.events.find((event) => event.type === "progress");
  expect(first).toMatchObject({ progress: { step: 0, steps: 4 } });
});

test("a wrong picture makes nothing and forgets nothing", async () => {
  const opened = await open();
  await opened.session.submit("a cat -S5");
  expect(await opened.session.submit("a -I nowhere.png")).toBe("failed");
  expect(opened.said("problem")).toBe("** nowhere.png: File not found; check the path");
  expect(await opened.session.submit("a dog -I -1")).toBe("done");
  expect(pngs(opened.folder)).toHaveLength(2);
  expect(existsSync(join(opened.folder, "nowhere.png"))).toBe(false);
});
