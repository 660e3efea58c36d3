import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { openSession } from "../commands/open-session.js";

const pngs = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const dreamOf = (folder: string, name: string) =>
  readPngText(readFileSync(join(folder, name)), name).find(({ keyword }) => keyword === "Dream")?.text;
const lastLine = (text: string) => text.split("\n").filter(Boolean).at(-1);

test("-v keeps the line's seed and mixes in others, whose seeds name the files", async () => {
  const { session, folder, engine } = await openSession();
  await session.submit("a -S42 -v0.2 -n2 --variation_seed 5");
  const [first, second] = engine.jobs;
  expect(engine.jobs.map(({ seed }) => seed)).toEqual([42, 42]);
  expect(first?.variations).toEqual([{ seed: 5, weight: 0.2 }]);
  const next = second?.variations[0]?.seed;
  expect(pngs(folder)).toEqual(["000001.5.png", `000001.${next}.png`].sort());
  expect(dreamOf(folder, "000001.5.png")).toBe('"a" -s 3 -S 42 -W 128 -H 64 -C 7.5 -A k_lms -V 5:0.2 # model_id=tiny');
});

test("without --variation_seed the variations are new ones every time", async () => {
  const { session, engine } = await openSession();
  await session.submit("a -S42 -v0.2");
  await session.submit("a -S42 -v0.2");
  const [one, other] = engine.jobs.map(({ variations }) => variations[0]?.seed);
  expect(one).not.toBe(other);
});

test("-V alone names the file after the last seed mixed in", async () => {
  const { session, folder, engine } = await openSession();
  await session.submit("a -S42 -V7:0.1,9:0.3");
  expect(engine.jobs[0]?.variations).toEqual([
    { seed: 7, weight: 0.1 },
    { seed: 9, weight: 0.3 },
  ]);
  expect(pngs(folder)).toEqual(["000001.9.png"]);
});

test("-V and -v: the own noise comes last", async () => {
  const { session, engine } = await openSession();
  await session.submit("a -S42 -V7:0.1 -v0.2 -n2 --variation_seed 5");
  expect(engine.jobs.map(({ variations }) => variations.map(({ weight }) => weight))).toEqual([
    [0.1, 0.2],
    [0.1, 0.2],
  ]);
});

test("a grid is one file of rows and columns with the seeds of its pictures below it", async () => {
  const { session, folder, said, events } = await openSession();
  await session.submit("a -S2685670268 -n6 -g");
  expect(pngs(folder)).toEqual(["000001.2685670268.png"]);
  const path = join(folder, "000001.2685670268.png");
  expect(await sharp(path).metadata()).toMatchObject({ width: 3 * 128, height: 2 * 64 });
  const seeds = "[2685670268, 1216708065, 2335773498, 822223658, 714542046, 3395302430]";
  expect(lastLine(said("text"))).toBe(`    seeds for individual rows: ${seeds}`);
  expect(dreamOf(folder, "000001.2685670268.png")).toMatch(/ --grid -A k_lms -n 6 # model_id=tiny # \[2685670268, .*3395302430\]$/);
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8").split("\n")).toHaveLength(2);
  expect(events.filter(({ type }) => type === "picture")).toHaveLength(1);
});

test("a grid's line makes the same grid, also of variations", async () => {
  const { session, folder } = await openSession();
  await session.submit("a -S42 -v0.3 -n3 -g");
  const [name = ""] = pngs(folder);
  await session.submit(dreamOf(folder, name) as string);
  const [, again = ""] = pngs(folder);
  const pixels = (file: string) => sharp(join(folder, file)).raw().toBuffer();
  expect(await pixels(again)).toEqual(await pixels(name));
});

test("an interrupted grid shows what there is", async () => {
  const { session, folder, engine, said } = await openSession();
  engine.beforeStep = (step) => engine.jobs.length === 3 && step === 1 && session.interrupt();
  await session.submit("a -S42 -n5 -g");
  expect(await sharp(join(folder, "000001.42.png")).metadata()).toMatchObject({ width: 2 * 128, height: 64 });
  expect(said("text")).toContain("2 image(s) generated");
});

test("-i wins over -g of the launch", async () => {
  const { session, folder } = await openSession(["-g"]);
  await session.submit("a -S42 -n2 -i");
  expect(pngs(folder)).toHaveLength(2);
});

test("a sweep is announced, runs through with one seed, and lists every line", async () => {
  const { session, engine, said, folder } = await openSession();
  await session.submit("a {red|green} cat -C{5,7.5}");
  expect(said("text")).toContain(">> 4 pictures: 2 × prompt, 2 × -C");
  expect(engine.jobs.map(({ prompt, cfgScale }) => [prompt, cfgScale])).toEqual([
    ["a red cat", 5],
    ["a red cat", 7.5],
    ["a green cat", 5],
    ["a green cat", 7.5],
  ]);
  expect(new Set(engine.jobs.map(({ seed }) => seed)).size).toBe(1);
  expect(pngs(folder)).toHaveLength(4);
  expect(said("text")).toContain("[1.4] ");
});

test("a wrong line in a sweep stops it before the first picture", async () => {
  const { session, engine, said } = await openSession();
  expect(await session.submit("a -C{5,0.5}")).toBe("failed");
  expect(said("problem")).toContain("CFG_Scale (-C) must be >1.0");
  expect(engine.jobs).toHaveLength(0);
});

test("a sweep with -g is a labelled sheet whose line makes the same sheet", async () => {
  const { session, folder } = await openSession(["-s", "2"]);
  await session.submit("a {red|green} cat -C{5,7.5,10} -g # with a remark");
  const [name = ""] = pngs(folder);
  expect(pngs(folder)).toHaveLength(1);
  const { width = 0, height = 0 } = await sharp(join(folder, name)).metadata();
  expect(width).toBeGreaterThan(3 * 128);
  expect(height).toBeGreaterThan(2 * 64);
  const dream = dreamOf(folder, name) as string;
  const seed = /\.(\d+)\.png$/.exec(name)?.[1];
  expect(dream).toBe(`a {red|green} cat -C{5,7.5,10} -g -s 2 -S ${seed} -W 128 -H 64 -A k_lms # model_id=tiny`);
  await session.submit(dream);
  const [, again = ""] = pngs(folder);
  expect(readFileSync(join(folder, again)).equals(readFileSync(join(folder, name)))).toBe(true);
});

test("--prompt_as_dir gives every prompt its folder, log included", async () => {
  const { session, folder, said } = await openSession(["--prompt_as_dir"]);
  await session.submit("a {red|blue}/green cat -S1");
  expect(said("text")).toContain(`Writing files to directory: "${join(folder, "a red_green cat")}"`);
  for (const name of ["a red_green cat", "a blue_green cat"]) {
    expect(readdirSync(join(folder, name)).sort()).toEqual(["000001.1.png", "dream_log.md", "dream_log.txt"]);
  }
});

test.each([
  ["a series", "a -S1 -n3", 3],
  ["a grid", "a -S1 -n3 -g", 1],
])("%s is made and listed when a log cannot be written; that is said once", async (_, line, files) => {
  const { session, folder, said } = await openSession();
  mkdirSync(join(folder, "dream_log.txt"));
  expect(await session.submit(line)).toBe("failed");
  expect(pngs(folder)).toHaveLength(files);
  expect(said("text").match(/^\[1(?:\.\d)?\] /gm)).toHaveLength(files);
  expect(said("problem")).toMatch(/^\*\* cannot write [^\n]+dream_log\.txt: it is a folder, not a file; [^\n]+$/);
});

test("a folder that is taken away during a series is made again", async () => {
  const { session, folder, engine, said } = await openSession();
  engine.beforeStep = () => {
    if (engine.jobs.length === 2) rmSync(folder, { recursive: true, force: true });
  };
  expect(await session.submit("a -S1 -n3")).toBe("done");
  expect(pngs(folder)).toHaveLength(2);
  expect(said("problem")).toBe("");
});

test("--fnformat names options by the reference's names", async () => {
  const { session, folder } = await openSession();
  await session.submit(
    "a red car -S7 -s25 -C9.8 --fnformat {prompt}_steps.{steps}_cfg.{cfg_scale}_{sampler_name}_{seamless}_{init_img}.png",
  );
  expect(pngs(folder)).toEqual(["a red car_steps.25_cfg.9.8_k_lms_False_None.png"]);
});

test("an unknown field of --fnformat is said once, and the usual names are used", async () => {
  const { session, folder, said } = await openSession();
  await session.submit("a -S7 -n2 --fnformat {colour}.png");
  expect(said("text").split("unknown key 'colour'")).toHaveLength(2);
  expect(pngs(folder)).toContain("000001.7.png");
});

test("--save_intermediates keeps the previews of the steps beside the picture", async () => {
  const { session, folder, said } = await openSession();
  await session.submit("a -S7 -s5 --save_intermediates 2");
  expect(said("text")).toContain(`>> Intermediate images will be written into ${join(folder, "intermediates", "000001")}`);
  expect(readdirSync(join(folder, "intermediates", "000001")).sort()).toEqual(["0000.png", "0002.png", "0004.png"]);
  expect(existsSync(join(folder, "000001.7.png"))).toBe(true);
});

test("-I -1 is the last file, and a grid has none", async () => {
  const { session, said, folder } = await openSession();
  await session.submit("a -S7");
  await session.submit("b -I -1");
  expect(said("text")).toContain(`>> Reusing previous image ${join(folder, "000001.7.png")}`);
  await session.submit("a -S7 -n2 -g");
  expect(await session.submit("b -I -2")).toBe("failed");
  expect(said("problem")).toContain("No previous initial image at position -2 found");
  await session.submit("c -S -1");
  expect(said("text")).toContain(">> Reusing previous seed 1");
});

test("-z changes the file, not the pixels", async () => {
  const { session, folder } = await openSession();
  await session.submit("a -S7 -z0");
  await session.submit("a -S8 -z9");
  const [plain, packed] = pngs(folder).map((name) => readFileSync(join(folder, name)).length);
  expect(plain).toBeGreaterThan(packed as number);
});

test("a recorded line makes the same picture whatever the program was started with", async () => {
  const { session, folder, engine } = await openSession();
  await session.submit("a cat -S7");
  const other = await openSession(["--seamless", "--rng", "cuda", "-n", "3", "-g", "--karras_max", "30"]);
  await other.session.submit(dreamOf(folder, "000001.7.png") as string);
  expect(other.engine.jobs).toEqual(engine.jobs);
  expect(pngs(other.folder)).toEqual(["000001.7.png"]);
});
