import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { findCommand } from "../../../lib/images/metadata/read-command.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { type OpenSession, openSession } from "./open-session.js";

const REGISTRY = "tiny: { path: /models/tiny }\nwords: { kind: segmenter, path: /m/clipseg }\n";

/** A session with a blue picture and a network that finds everything on its left. */
async function open(): Promise<OpenSession & { path: string }> {
  const opened = await openSession();
  writeFileSync(join(opened.folder, "models.yaml"), REGISTRY);
  mkdirSync(join(opened.folder, "in"));
  const path = join(opened.folder, "in", "photo.jpeg.png");
  await sharp({ create: { width: 192, height: 128, channels: 3, background: "#102030" } }).toFile(path);
  return { ...opened, path };
}

const made = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const read = async (path: string) => decodePicture(readFileSync(path), path);

test("three pictures: without, with nothing but what the text names, and the mask for -M", async () => {
  const { session, engine, folder, path, said, events } = await open();
  expect(await session.submit(`!mask ${path} -tm "a red hat" 0.6`)).toBe("done");
  const names = ["deselected", "masked", "selected"].map((kind) => `000001.photo.jpeg.a red hat.${kind}.png`);
  expect(made(folder).sort()).toEqual(names);
  const [deselected, masked, selected] = await Promise.all(names.map((name) => read(join(folder, name))));
  // The map is enlarged by the Lanczos filter, which swings a little over.
  const at = (levels: Uint8Array | undefined, x: number) => levels?.[64 * 192 + x] ?? -1;
  for (const [picture, left, right] of [
    [deselected, 63, 191],
    [selected, 191, 63],
  ] as const) {
    expect(Math.abs(at(picture?.alpha, 24) - left)).toBeLessThan(5);
    expect(Math.abs(at(picture?.alpha, 168) - right)).toBeLessThan(5);
    expect([...(picture?.rgb.slice(0, 3) ?? [])]).toEqual([16, 32, 48]);
  }
  expect(masked?.alpha).toBeUndefined();
  const grey = masked?.rgb.filter((_, i) => i % 3 === 0);
  expect([at(grey, 24), at(grey, 168)]).toEqual([0, 255]);
  expect(engine.segments).toMatchObject([{ segmenter: "/m/clipseg", text: "a red hat", picture: { width: 192, height: 128 } }]);
  const order = events.flatMap((event) => (event.type === "picture" ? [event.picture.path.split(".").at(-2)] : []));
  expect(order).toEqual(["deselected", "selected", "masked"]);
  expect(said("text")).toContain(`[1.3] ${join(folder, names[1] as string)}: !mask "${path}" -tm "a red hat" 0.6`);
});

test("the pictures carry the command that makes them again, and !fetch gives it back", async () => {
  const { session, folder, path, events } = await open();
  await session.submit(`!mask ${path} -tm "a hat"`);
  const name = join(folder, "000001.photo.jpeg.a hat.masked.png");
  const texts = readPngText(readFileSync(name), name);
  expect(texts).toEqual([{ keyword: "Dream", text: `!mask "${path}" -tm "a hat" 0.5` }]);
  expect(findCommand(texts, name)?.line).toBe(`!mask "${path}" -tm "a hat" 0.5`);
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8")).toContain(`${name}: !mask "${path}" -tm "a hat" 0.5`);
  await session.submit(`!fetch "${name}"`);
  expect(events.at(-1)).toEqual({ type: "prefill", line: `!mask "${path}" -tm "a hat" 0.5` });
});

test("what a text names is painted, its command recorded, and the network announced once", async () => {
  const { session, engine, path, said, folder } = await open();
  expect(await session.submit(`a hat -I ${path} -tm hat 0.6 -S5 -n2`)).toBe("done");
  const { init, width } = engine.jobs[0] as (typeof engine.jobs)[0];
  expect(width).toBe(192);
  const row = init?.region?.keep.slice(32 * 192, 33 * 192) as Uint8Array;
  expect([row[10], row[180]]).toEqual([0, 255]);
  expect(engine.segments).toHaveLength(1);
  expect(said("text")).toContain('>> "hat" (threshold 0.6) is 50.0% of the picture');
  expect(said("text")).toContain(`-I ${path} -A k_lms -f 0.75 -tm hat 0.6 # model_id=tiny`);
  await session.submit(`a hat -I ${path} -tm hat 0.6 -S5 --invert_mask`);
  const other = engine.jobs[2]?.init?.region?.keep.slice(32 * 192, 33 * 192) as Uint8Array;
  expect([other[10], other[180]]).toEqual([255, 0]);
  expect(said("text").split("Initializing clipseg")).toHaveLength(2);
  const drawn = join(folder, "000001.5.png");
  expect(await session.submit(`!verify ${drawn}`)).toBe("done");
});

test.each([
  ["!mask in/photo.jpeg.png", "Please provide a text mask with -tm"],
  ["!mask -tm hat", 'please name a picture: !mask FILE -tm "a hat"'],
  ["!mask none.png -tm hat", '"none.png" not found. Please enter the name of an existing image file to mask'],
  ["!mask HERE -tm hat 2", '-tm/--text_mask takes a threshold from 0 to 1, not "2"; put a text of several words in quotation marks'],
  [
    "a -I HERE -tm hat 0.9",
    'nothing in HERE is "hat" (threshold 0.9): the likeliest part reaches 0.75; give a lower threshold, or other words',
  ],
  ["a -I HERE -tm hat 0 --invert_mask", '-tm "hat" keeps the whole picture, nothing would be painted; --invert_mask exchanges its sides'],
])("%s is refused", async (line, sentence) => {
  const { session, said, path, folder } = await open();
  expect(await session.submit(line.replace("HERE", path))).toBe("failed");
  expect(said("problem")).toBe(`** ${sentence.replace("HERE", path)}`);
  expect(made(folder)).toEqual([]);
});

test.each(["a -I HERE -tm hat", "!mask HERE -tm hat"])("%s without a registered network says how to register one", async (line) => {
  const { session, said, path, folder } = await open();
  writeFileSync(join(folder, "models.yaml"), "tiny: { path: /models/tiny }\n");
  expect(await session.submit(line.replace("HERE", path))).toBe("failed");
  expect(said("problem")).toMatch(/^\*\* text masks need a network .* none is registered: !import_model FOLDER registers a CLIPSeg/);
});
