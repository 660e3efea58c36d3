import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type PngText, readPngText } from "../../../lib/images/metadata/png-text.js";
import { type DecodedPicture, decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { type OpenSession, openSession } from "./open-session.js";

/** A session that made one picture, x.png. */
async function open(line = "a cat -S42 -W64 -H64", ...switches: string[]): Promise<OpenSession> {
  const opened = await openSession(switches);
  expect(await opened.session.submit(line)).toBe("done");
  const [name] = readdirSync(opened.folder).filter((one) => one.endsWith(".png"));
  renameSync(join(opened.folder, name as string), join(opened.folder, "x.png"));
  opened.events.length = 0;
  opened.engine.jobs.length = 0;
  return opened;
}

/** Changes x.png. */
async function change(
  { folder }: OpenSession,
  pixels: (picture: DecodedPicture) => Pick<DecodedPicture, "width" | "height" | "rgb" | "alpha">,
  texts: (texts: readonly PngText[]) => readonly PngText[] = (same) => same,
): Promise<void> {
  const path = join(folder, "x.png");
  const bytes = readFileSync(path);
  writeFileSync(path, await encodePng(pixels(await decodePicture(bytes, path)), texts(readPngText(bytes, path))));
}
const edit = (amount: number) => (picture: DecodedPicture) => {
  picture.rgb[0] = picture.rgb[0]! + amount;
  return picture;
};
const same = (picture: DecodedPicture) => picture;
const inMetadata = (replace: (json: string) => string) => (texts: readonly PngText[]) =>
  texts.map(({ keyword, text }) => ({ keyword, text: keyword === "sd-metadata" ? replace(text) : text }));

test.each([
  ["a cat -S42 -W64 -H64"],
  ["a cat [dog] -S42 -W64 -H128 -C9 -s4 -Ak_euler_a --seamless --karras_max 20"],
  ["a cat -S42 -W64 -H64 -v0.2"],
  ["a cat -S42 -W64 -H64 -V 7:0.3,8:0.1"],
  ["a cat -S42 -W64 -H64 --rng cuda --seamless_axes y"],
  ['"a \\\\{b\\\\}" -S42 -W64 -H64'],
  ["a cat -S42 -W64 -H64 -n5 -g"],
])("%s is made again, pixel for pixel", async (line) => {
  const opened = await open(line);
  const before = readdirSync(opened.folder);
  expect(await opened.session.submit("!verify x.png")).toBe("done");
  expect(opened.said("text")).toBe(`>> ${join(opened.folder, "x.png")}: identical`);
  expect(readdirSync(opened.folder)).toEqual(before);
});

test("today's launch switches do not change what is made again", async () => {
  const { folder } = await open();
  const today = await openSession(["--seamless", "--rng", "cuda", "-s9", "-C3", "-Addim"]);
  expect(await today.session.submit(`!verify ${join(folder, "x.png")}`)).toBe("done");
});

test("one pixel that differs is found", async () => {
  const opened = await open();
  await change(opened, edit(3));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  const [answer, reason] = opened.said("text").split("\n");
  expect(answer).toBe(`>> ${join(opened.folder, "x.png")}: 1 of 4096 pixels differ, mean 0.00024/255, largest 3/255`);
  expect(reason).toBe(">> so little is rounding: another processor or memory mode (lean here), or somebody edited the file");
});

test.each([
  ["much", same, ">> nothing in the file says why: somebody edited its pixels or its text, or an NSFW checker hid it"],
  [
    "InvokeAI",
    (json: string) => json.replace('"dream-repl"', '"invoke-ai/InvokeAI"'),
    ">> it was made by another program, invoke-ai/InvokeAI 0.0.1, whose pixels need not be ours",
  ],
  ["an older one", (json: string) => json.replace('"0.0.1"', '"0.0.0"'), /^>> it was made by dream-repl 0\.0\.0 with onnxruntime 1/],
  [
    "other weights",
    (json: string) => json.replace('"abc123"', '"def456"'),
    ">> the weights of tiny are not those that made it: their hash is another one",
  ],
  ["no model", (json: string) => json.replace('"tiny"', "null"), ">> it does not say which model made it"],
])("why it may differ: %s", async (_what, replace, reason) => {
  const opened = await open();
  await change(opened, edit(100), replace === same ? undefined : inMetadata(replace as (json: string) => string));
  // Without the other text, which repeats the model.
  await change(opened, same, (texts) => texts.filter(({ keyword }) => keyword !== "Dream"));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("text").split("\n").slice(1).join("\n")).toMatch(reason);
});

test("files that are not recorded may be others now", async () => {
  const opened = await open('"a cat withLora(ink)" -S42 -W64 -H64 -U2');
  await change(opened, edit(100));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("text")).toContain("hid it, or a LoRA or the network that enlarges is another one now");
});

test("a grid is known by either text", async () => {
  const opened = await open("a cat -S42 -W64 -H64 -n5 -g");
  await change(opened, same, (texts) => texts.filter(({ keyword }) => keyword !== "Dream"));
  expect(await opened.session.submit("!verify x.png")).toBe("done");
  expect(opened.engine.jobs).toHaveLength(5);
  await change(opened, edit(9));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("text")).toContain("1 of 24576 pixels differ");
});

test("a file with a command alone is another program's", async () => {
  const opened = await open();
  await change(opened, edit(100), (texts) => texts.filter(({ keyword }) => keyword === "Dream"));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("text")).toContain(">> the text does not say which program made it");
});

test("the model that made it must be in use, unless its weights are the same", async () => {
  const opened = await open();
  const other = { id: "other", request: { path: "/o", memory: "auto", modelCache: "off", threads: 1 }, defaults: {}, notices: [] } as const;
  const path = join(opened.folder, "x.png");
  const withOther = await openSession([], { model: other });
  expect(await withOther.session.submit(`!verify ${path}`)).toBe("done");

  await change(
    opened,
    same,
    inMetadata((json) => json.replace('"abc123"', '"def456"')),
  );
  writeFileSync(join(withOther.folder, "models.yaml"), "tiny: { path: /models/tiny }\n");
  expect(await withOther.session.submit(`!verify ${path}`)).toBe("failed");
  expect(withOther.said("problem")).toBe(`** ${path} was made with the model tiny: !switch tiny first`);
  writeFileSync(join(withOther.folder, "models.yaml"), "great: { path: /models/great }\n");
  await withOther.session.submit(`!verify ${path}`);
  expect(withOther.said("problem")).toContain("tiny: it is not among the models that !models lists");
});

test("an interrupt ends it without a verdict", async () => {
  const opened = await open();
  opened.engine.beforeStep = () => opened.session.interrupt();
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("problem")).toBe("** Interrupted, nothing was compared");
});

test.each([
  [
    "a picture that was enlarged",
    "!fix x.png -U 2 -S 5",
    "000001.5.upscale-00.png",
    /was changed after it was drawn \(upscale\); verify the/,
  ],
  ["the contact sheet of a sweep", "a cat -S5 -C{5,7} -g", "000001.5.png", /is the contact sheet of a sweep, which cannot be verified/],
])("%s cannot be verified", async (_what, line, name, sentence) => {
  const opened = await open();
  expect(await opened.session.submit(line)).toBe("done");
  expect(await opened.session.submit(`!verify ${name}`)).toBe("failed");
  expect(opened.said("problem")).toMatch(sentence);
});

test("a picture of another size than its command's was changed", async () => {
  const opened = await open();
  await change(opened, () => ({ width: 2, height: 1, rgb: new Uint8Array(6) }));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("problem")).toMatch(/x\.png has 2×1 pixels, and its command makes 64×64: it was changed afterwards$/);
  expect(opened.engine.jobs).toEqual([]);
});

test("transparent pixels were added", async () => {
  const opened = await open();
  await change(opened, (picture) => ({ ...picture, alpha: new Uint8Array(64 * 64) }));
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("problem")).toMatch(/x\.png has transparent pixels, which no command makes: it was changed afterwards$/);
});

test.each([
  ['!fix "a.png" -U 2.0 0.75', /was made by !fix from a\.png; verify that one$/],
  ["a cat -s 3 -W 64 -H 64 -C 7.5 -A k_lms", /does not say its seed; type its command yourself$/],
  ["a cat -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms -I b.png -f 0.4", /^\*\* b\.png: File not found; check the path$/],
  ["a cat -s 3 -S 5 -W 64 -H 64 -C 7.5 -A k_lms -v 0.2", /does not say the seed of its variation/],
])("what %s made cannot be verified", async (text, sentence) => {
  const opened = await open();
  await change(opened, same, () => [{ keyword: "Dream", text }]);
  expect(await opened.session.submit("!verify x.png")).toBe("failed");
  expect(opened.said("problem")).toMatch(sentence);
  expect(opened.engine.jobs).toEqual([]);
});

test.each([
  ["!verify", "** please name a picture: !verify FILE"],
  ["!verify none.png", "none.png: file could not be read: "],
  ["!verify plain.png", "plain.png: file has no metadata"],
])("%s is refused", async (line, sentence) => {
  const { session, folder, said } = await openSession();
  writeFileSync(join(folder, "plain.png"), await encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) }, []));
  expect(await session.submit(line)).toBe("failed");
  expect(said("problem")).toContain(sentence);
});
