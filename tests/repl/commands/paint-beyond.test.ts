import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { type OpenSession, openSession } from "./open-session.js";

/** `!fix -c` and `!fix -D` over an engine that paints nothing. */

async function open(width = 128, height = 64): Promise<OpenSession & { readonly path: string }> {
  const opened = await openSession();
  await opened.session.submit(`a boat -S77 -s9 -W${width} -H${height}`);
  opened.events.length = 0;
  return { ...opened, path: join(opened.folder, "000001.77.png") };
}

function jobOf({ engine }: OpenSession) {
  const job = engine.jobs.at(-1);
  if (job?.init?.region === undefined) throw new Error("nothing was painted");
  return { ...job, init: job.init, region: job.init.region };
}

test("-c rounds up to 64, paints what is new and keeps the rest", async () => {
  const opened = await open();
  expect(await opened.session.submit(`!fix ${opened.path} -c top 100 right 64`)).toBe("done");
  const { width, height, prompt, seed, steps, init, region } = jobOf(opened);
  expect({ width, height, prompt, seed, steps, strength: init.strength }).toEqual({
    width: 192,
    height: 192,
    prompt: "a boat",
    seed: 77,
    steps: 9,
    strength: 0.9,
  });
  expect([region.keep[0], region.keep[128 * 192], region.keep[128 * 192 + 127], region.keep[128 * 192 + 128]]).toEqual([0, 255, 255, 0]);
  expect(region).toMatchObject({ infill: { method: "patchmatch", tileSize: 32 }, seam: { size: 16, strength: 0.7, steps: 20 } });
  const said = opened.said("text");
  expect(said).toContain(">> extending image topward by 128 pixels\n>> extending image rightward by 64 pixels");
  expect(said).toMatch(
    /\[2\] \S+000002\.77\.outcrop-00\.png: !fix \S+000001\.77\.png. -s 9 -S 77 -W 128 -H 64 -C 7\.5 -A k_lms -c top 100 right 64/,
  );
});

test("the new picture carries the command and the chain of what was done", async () => {
  const opened = await open();
  await opened.session.submit(`!fix ${opened.path} -c left 64 --new_prompt "a calm sea"`);
  expect(jobOf(opened).prompt).toBe("a calm sea");
  const file = join(opened.folder, "000002.77.outcrop-00.png");
  const texts = Object.fromEntries(readPngText(readFileSync(file), file).map(({ keyword, text }) => [keyword, text]));
  expect(texts.Dream).toMatch(/^!fix .* -c left 64 --new_prompt "a calm sea"/);
  expect(JSON.parse(texts["sd-metadata"] as string).image.postprocessing).toEqual([{ tool: "outcrop", dream_command: texts.Dream }]);
});

test("the recorded line says which noise was drawn, and launch switches of another day do not count", async () => {
  const opened = await open();
  await opened.session.submit(`!fix ${opened.path} -c left 64 --rng cuda --karras_max 20`);
  const file = join(opened.folder, "000002.77.outcrop-00.png");
  expect(readPngText(readFileSync(file), file)[0]?.text).toMatch(/ --karras_max 20 .*--rng cuda /);
  const today = await openSession(["--rng", "cuda", "--seamless", "-Addim", "-s5"]);
  await today.session.submit(`!fix ${opened.path} -c left 64`);
  expect(jobOf(today)).toMatchObject({ rng: "cpu", seamless: "", sampler: "k_lms", steps: 9 });
});

test("-D keeps the size and paints the side that gets free, with its mirror image below", async () => {
  const opened = await open();
  expect(await opened.session.submit(`!fix ${opened.path} -D right 32 -S5 -s4`)).toBe("done");
  const { width, height, seed, steps, init, region } = jobOf(opened);
  expect({ width, height, seed, steps, strength: init.strength }).toEqual({ width: 128, height: 64, seed: 5, steps: 4, strength: 0.83 });
  expect(region.infill).toBeUndefined();
  expect(region.seam).toBeUndefined();
  expect([region.keep[0], region.keep[127], region.keep[96]]).toEqual([255, 0, 0]);
  expect(opened.said("text")).toContain("000002.5.outpaint-00.png: !fix ");
});

test("-D moves by half when no number is given", async () => {
  const opened = await open();
  await opened.session.submit(`!fix ${opened.path} -D bottom`);
  const { keep } = jobOf(opened).region;
  expect([keep[16 * 128], keep[32 * 128]]).toEqual([255, 0]);
});

test.each([
  ["-c up 64", 'Direction must be one of "top", "left", "bottom", "right", not "up"'],
  ["-c top", 'invalid extension instruction. Use <directions> <pixels>..., as in "top 64 left 128 right 64 bottom 64"'],
  ["-c top many", 'invalid extension instruction. Use <directions> <pixels>..., as in "top 64 left 128 right 64 bottom 64"'],
  ["-c top 0", 'invalid extension instruction. Use <directions> <pixels>..., as in "top 64 left 128 right 64 bottom 64"'],
  ["-c top 8192", "this would make 128x8256 pixels, and a side has at most 8192"],
  ["-D up", 'Direction (-D) must be one of "top", "left", "bottom", "right", not "up"'],
  ["-D left 128", "Direction (-D) pixels length must be in the range 0 - image.size, here 1 to 127"],
  ["-D left 1.5", "Direction (-D) pixels length must be in the range 0 - image.size, here 1 to 127"],
])("%s is refused and nothing is written", async (switches, sentence) => {
  const opened = await open();
  expect(await opened.session.submit(`!fix ${opened.path} ${switches}`)).toBe("failed");
  expect(opened.said("problem")).toBe(`** ${sentence}`);
  expect(opened.engine.jobs).toHaveLength(1);
});

test("the last number of a side counts", async () => {
  const opened = await open();
  await opened.session.submit(`!fix ${opened.path} -c top 64 top 128`);
  expect(jobOf(opened).height).toBe(192);
});

test("a picture of another size grows to a multiple of 64 where it is extended, and is refused elsewhere", async () => {
  const opened = await openSession();
  const path = join(opened.folder, "odd.png");
  await sharp({ create: { width: 100, height: 64, channels: 3, background: "red" } }).toFile(path);
  expect(await opened.session.submit(`!fix ${path} -c right 64`)).toBe("done");
  expect(jobOf(opened).width).toBe(192);
  expect(await opened.session.submit(`!fix ${path} -c top 64`)).toBe("failed");
  expect(opened.said("problem")).toContain("would be painted in 100x128 pixels, and both must be multiples of 64");
});

test("what enlarges goes first, and -c is told to change nothing", async () => {
  const opened = await open();
  expect(await opened.session.submit(`!fix ${opened.path} -U 2 -c top 64`)).toBe("done");
  expect(opened.said("text")).toContain(">> !fix changes a finished picture: -c changes nothing here");
  expect(opened.said("text")).toContain("000002.77.upscale-00.png");
});

test("on a prompt line neither is taken", async () => {
  const opened = await open();
  expect(await opened.session.submit("a cat -c top 64")).toBe("failed");
  expect(opened.said("problem")).toBe("** -c extends a finished picture: use it in !fix, as in !fix FILE -c SIDE PIXELS...");
});
