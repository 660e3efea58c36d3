import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { pngWithChunks, textChunk } from "../../support/png-with-chunks.js";
import { type OpenSession, openSession } from "./open-session.js";

const LINE = '"a cat" -s 5 -S 7 -W 64 -H 64 -C 7.5 -A k_lms # model_id=tiny';

/** A session with pictures in its folder, by name, and what each of them says. */
async function open(pictures: Readonly<Record<string, string>>): Promise<OpenSession> {
  const opened = await openSession();
  for (const [name, line] of Object.entries(pictures)) {
    writeFileSync(join(opened.folder, name), pngWithChunks([textChunk.tEXt("Dream", line)]));
  }
  return opened;
}
const prefilled = ({ events }: OpenSession) => events.flatMap((event) => (event.type === "prefill" ? [event.line] : []));

test("a picture of ours comes back as the line that made it", async () => {
  const opened = await openSession();
  await opened.session.submit("a cat [fog] -S42 -C10");
  const before = opened.said("text");
  expect(await opened.session.submit("!fetch 000001.42.png")).toBe("done");
  expect(prefilled(opened)).toEqual(['"a cat [fog]" -s 3 -S 42 -W 128 -H 64 -C 10.0 -A k_lms # model_id=tiny']);
  expect(opened.said("text")).toBe(before);
});

test.each(["my cat.png", '"my cat.png"', "'my cat.png'"])("!fetch %s finds the picture", async (name) => {
  const opened = await open({ "my cat.png": LINE });
  expect(await opened.session.submit(`!fetch ${name}`)).toBe("done");
  expect(prefilled(opened)).toEqual([LINE]);
});

test("a path is used as it is given", async () => {
  const opened = await open({ "x.png": LINE });
  expect(await opened.session.submit(`!fetch ${join(opened.folder, "x.png")}`)).toBe("done");
  expect(prefilled(opened)).toEqual([LINE]);
});

test("what could not be carried over, and another model, are told", async () => {
  const opened = await open({ "x.png": "a cat -s 5 -S 7 -W 64 -H 64 -C 7.5 -A quantum # model_id=sd-1.5" });
  await opened.session.submit("!fetch x.png");
  expect(opened.said("text")).toContain('>> there is no sampler "quantum" here; another one stands in its place');
  expect(opened.said("text")).toMatch(/>> made by sd-1\.5$/);
});

test.each([
  ["!fetch none.png", /^\*\* none\.png: file could not be read: .*none\.png does not exist; check the path$/],
  ["!fetch none.png.txt", /^\*\* none\.png\.txt: file could not be read/],
  ["!fetch plain.png", /^\*\* plain\.png: file has no metadata; type its command yourself$/],
  ["!fetch text.png", /^\*\* text\.png: file could not be read: .*text\.png is not a picture that can be read; give a PNG/],
  ["!fetch broken.png", /^\*\* broken\.png: file could not be processed: .*broken\.png is cut off/],
  ["!fetch strange.png", /^\*\* strange\.png: file could not be processed: .*strange\.png holds a "sd-metadata" text that cannot/],
  ["!fetch folder", /^\*\* folder: file could not be read: .* is not a file/],
  ["!fetch", /^\*\* please name a picture: !fetch FILE; or pictures and a file/],
  ["!fetch a b c", /^\*\* please name a picture: !fetch FILE; or pictures and a file/],
  ['!fetch "a.png', /^\*\* No closing quotation/],
])("%s ends in one sentence", async (line, sentence) => {
  const { session, folder, said } = await openSession();
  const plain = await encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) }, []);
  writeFileSync(join(folder, "plain.png"), plain);
  writeFileSync(join(folder, "broken.png"), plain.subarray(0, -14));
  writeFileSync(join(folder, "text.png"), "hello");
  writeFileSync(join(folder, "strange.png"), pngWithChunks([textChunk.tEXt("sd-metadata", "{")]));
  mkdirSync(join(folder, "folder"));
  expect(await session.submit(line)).toBe("failed");
  expect(said("problem")).toMatch(sentence);
});

test("the commands of many pictures go into a file", async () => {
  const { session, folder, said } = await open({ "000002.2.png": LINE, "000001.1.png": LINE.replace("cat", "dog"), "other.png": LINE });
  writeFileSync(join(folder, "000003.3.png"), "hello");
  expect(await session.submit("!fetch 0*.png all.txt")).toBe("done");
  const out = join(folder, "all.txt");
  expect(said("text")).toContain(`>> File ${out} with commands created`);
  expect(said("problem")).toMatch(/^\*\* .*000003\.3\.png is left out: .*is not a PNG file/);
  const [one, two] = ["000001.1.png", "000002.2.png"].map((name) => join(folder, name));
  expect(readFileSync(out, "utf8")).toBe(`# ${one}\n${LINE.replace("cat", "dog")}\n# ${two}\n${LINE}`);
});

test("a file of commands is replaced, also through a path", async () => {
  const { session, folder } = await open({ "1.png": LINE });
  await session.submit("!fetch 1.png all.txt");
  writeFileSync(join(folder, "2.png"), pngWithChunks([textChunk.tEXt("Dream", LINE)]));
  expect(await session.submit(`!fetch "${folder}" ${join(folder, "all.txt")}`)).toBe("done");
  expect(readFileSync(join(folder, "all.txt"), "utf8").split("\n")).toHaveLength(4);
  expect(readdirSync(folder).sort()).toEqual(["1.png", "2.png", "all.txt"]);
});

test.each([
  ["!fetch *.png notes.txt", /notes\.txt exists and is no file of fetched commands; it stays as it is/],
  ["!fetch *.png edited.txt", /edited\.txt exists and is no file of fetched commands/],
  ["!fetch *.png new.png", /new\.png would be a picture's name/],
  ["!fetch *.jpg all.txt", /no PNG file fits .*\*\.jpg; nothing was written/],
  ["!fetch empty*.png all.txt", /none of the 1 pictures that fit .* holds a command; nothing was written/],
  ["!fetch [a]*/x.png all.txt", /unacceptable pattern/],
])("%s changes nothing", async (line, sentence) => {
  const { session, folder, said } = await open({ "x.png": LINE });
  writeFileSync(join(folder, "empty.png"), pngWithChunks([]));
  writeFileSync(join(folder, "notes.txt"), "a cat");
  writeFileSync(join(folder, "edited.txt"), `# ${folder}/x.png\n${LINE}\na line of my own`);
  const before = readdirSync(folder).sort();
  expect(await session.submit(line)).toBe("failed");
  expect(said("problem")).toMatch(sentence);
  expect(readdirSync(folder).sort()).toEqual(before);
  expect(readFileSync(join(folder, "notes.txt"), "utf8")).toBe("a cat");
  expect(existsSync(join(folder, "all.txt"))).toBe(false);
});
