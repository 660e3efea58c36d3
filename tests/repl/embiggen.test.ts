import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { type OpenSession, openSession } from "./commands/open-session.js";

/** A session that made one picture of 64×64, 000001.42.png. */
async function open(switches: readonly string[] = []): Promise<OpenSession & { readonly path: string }> {
  const opened = await openSession(switches);
  await opened.session.submit("a cat -S42 -W64 -H64");
  opened.events.length = 0;
  opened.engine.jobs.length = 0;
  return { ...opened, path: join(opened.folder, "000001.42.png") };
}
const pngs = ({ folder }: OpenSession) => readdirSync(folder).filter((name) => name.endsWith(".png"));
const bytesOf = ({ folder }: OpenSession, name: string) => readFileSync(join(folder, name));
const textsOf = (opened: OpenSession, name: string) => readPngText(bytesOf(opened, name), name).map(({ text }) => text);
const sizeOf = async (opened: OpenSession, name: string) => {
  const { width, height } = await decodePicture(bytesOf(opened, name), name);
  return [width, height];
};
const LINE = "a dog -I 000001.42.png -S7 -W64 -H64 --embiggen 2";

describe("--embiggen on a prompt line", () => {
  test("draws nine tiles over the enlarged picture and records what makes it again", async () => {
    const opened = await open();
    expect(await opened.session.submit(LINE)).toBe("done");
    expect(opened.engine.jobs.map(({ seed, width, height, init }) => [seed, width, height, init?.strength])).toEqual(
      Array.from({ length: 9 }, (_, i) => [7 + i, 64, 64, 0.4]),
    );
    expect(await sizeOf(opened, "000002.7.png")).toEqual([128, 128]);
    const [dream, metadata] = textsOf(opened, "000002.7.png");
    expect(dream).toBe(`"a dog" -s 3 -S 7 -W 64 -H 64 -C 7.5 -I ${opened.path} -A k_lms -f 0.4 --embiggen 2.0 0.75 0.25 # model_id=tiny`);
    expect(JSON.parse(metadata ?? "").image).toMatchObject({ type: "img2img", embiggen: [2, 0.75, 0.25], upscaler: "lanczos3" });
    expect(opened.said("text")).toContain(">> Making 9 Embiggen tiles (3x3)...\nStarting 1 of 9 tiles\nStarting 2 of 9 tiles\n");
  });

  test("is made again by the recorded line, by what !fetch gives, and verified", async () => {
    const opened = await open();
    await opened.session.submit(`${LINE} --embiggen_tiles 8 2 --embiggen_strength 0.3`);
    const [dream = ""] = textsOf(opened, "000002.7.png");
    expect(dream).toContain("-f 0.3 --embiggen 2.0 0.75 0.25 --embiggen_tiles 8 2 #");
    await opened.session.submit("!fetch 000002.7.png");
    expect(opened.events).toContainEqual({ type: "prefill", line: dream });
    expect(await opened.session.submit(dream)).toBe("done");
    expect(bytesOf(opened, "000003.7.png").equals(bytesOf(opened, "000002.7.png"))).toBe(true);
    expect(await opened.session.submit("!verify 000002.7.png")).toBe("done");
    expect(opened.said("text")).toContain("000002.7.png: identical");
  });

  test("enlarges once for all lines of a sweep", async () => {
    const opened = await open();
    expect(await opened.session.submit("a {dog|owl} -I 000001.42.png -S7 -W64 -H64 -s2 --embiggen 1.5")).toBe("done");
    expect(opened.said("text").match(/Upscaling the initial picture/g)).toHaveLength(1);
    expect(opened.engine.jobs).toHaveLength(8);
  });

  test("tells progress over all tiles", async () => {
    const opened = await open();
    // The fake engine runs all steps whatever the strength is.
    await opened.session.submit(`${LINE} -f 1`);
    const told = opened.events.flatMap((event) => (event.type === "progress" ? [event.progress] : []));
    const steps = told.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((one, other) => one - other));
    expect(told.at(-1)).toMatchObject({ picture: 1, pictures: 1, step: 27, steps: 27 });
  });

  test("goes on with -n, and -U enlarges the result", async () => {
    const opened = await open();
    expect(await opened.session.submit(`${LINE} -n2 -U2`)).toBe("done");
    expect(opened.engine.jobs).toHaveLength(18);
    expect(pngs(opened)).toHaveLength(3);
    expect(await sizeOf(opened, "000002.7.png")).toEqual([256, 256]);
    expect(opened.said("text")).toContain("Starting 9 of 9 tiles (picture 2 of 2)");
  });

  test("Ctrl-C in a tile leaves nothing", async () => {
    const opened = await open();
    opened.engine.beforeStep = () => {
      if (opened.engine.jobs.length === 4) opened.session.interrupt();
    };
    expect(await opened.session.submit(LINE)).toBe("failed");
    expect(opened.engine.jobs).toHaveLength(4);
    expect(readdirSync(opened.folder).filter((name) => name.startsWith("000002") || name.endsWith(".tmp"))).toEqual([]);
    expect(opened.said("text")).toContain("**Interrupted**");
  });

  test("is not for inpainting models", async () => {
    const opened = await open();
    writeFileSync(join(opened.folder, "models.yaml"), `nine:\n  path: ${opened.folder}\n`);
    opened.engine.facts = { family: "SD 1.x inpainting" };
    expect(await opened.session.submit("!switch nine")).toBe("done");
    expect(await opened.session.submit(LINE)).toBe("failed");
    expect(opened.said("problem")).toBe("** --embiggen is not supported by inpainting models; !switch to another one");
  });

  test.each([
    [
      "--embiggen 1",
      "ERROR: Based on the requested dimensions of 64x64 and tiles of 64x64 you don't need to Embiggen! Check your arguments.",
    ],
    [
      "--embiggen 0",
      "ERROR: Based on the requested dimensions of 0x0 and tiles of 64x64 you don't need to Embiggen! Check your arguments.",
    ],
    ["--embiggen 2 0.75 64", "an overlap of 64 leaves nothing of a tile of 64x64; give a smaller one"],
    ["--embiggen 2 --embiggen_tiles 10", "there is no tile 10: there are 9, counted from 1, row by row from the upper left"],
    ["--embiggen 200", "--embiggen 200 would make 12800x12800 pixels, and a side has at most 8192; choose a smaller factor"],
    ["--embiggen 100 0.75 0.9", "this would take 1117249 tiles, and 1024 is the limit; give larger tiles"],
    ["--embiggen x", "argument --embiggen/-embiggen: invalid float value: 'x'"],
  ])("%s is refused before anything is drawn", async (switches, sentence) => {
    const opened = await open();
    expect(await opened.session.submit(`a dog -I 000001.42.png -W64 -H64 ${switches}`)).toBe("failed");
    expect(opened.said("problem")).toContain(sentence);
    expect(opened.engine.jobs).toEqual([]);
    expect(pngs(opened)).toEqual(["000001.42.png"]);
  });
});

describe("--embiggen in !fix", () => {
  test("has a number and a seed of its own, the picture's prompt, and leaves the picture alone", async () => {
    const opened = await open();
    const before = bytesOf(opened, "000001.42.png");
    expect(await opened.session.submit("!fix 000001.42.png --embiggen 2")).toBe("done");
    const [name = ""] = pngs(opened).filter((png) => png.startsWith("000002"));
    const [, seed = ""] = /^000002\.(\d+)\.embiggen-00\.png$/.exec(name) ?? [];
    expect(seed).not.toBe("");
    expect(seed).not.toBe("42");
    expect(opened.engine.jobs.map((job) => [job.prompt, job.seed]).slice(0, 2)).toEqual([
      ["a cat", Number(seed)],
      ["a cat", tileAfter(Number(seed))],
    ]);
    const [dream, metadata] = textsOf(opened, name);
    expect(dream).toBe(`!fix "${opened.path}" -s 3 -S ${seed} -W 64 -H 64 -C 7.5 -A k_lms --embiggen 2.0 0.75 0.25 # model_id=tiny`);
    expect(JSON.parse(metadata ?? "").image).toMatchObject({
      seed: 42,
      postprocessing: [{ tool: "embiggen", dream_command: dream, method: "lanczos3" }],
    });
    expect(bytesOf(opened, "000001.42.png").equals(before)).toBe(true);
    expect(opened.said("text")).toContain(">> Setting img2img strength to 0.4 for happy embiggening");
  });

  test("the recorded line makes the same pixels, and a picture that is changed again has both steps", async () => {
    const opened = await open();
    await opened.session.submit("!fix 000001.42.png -embiggen 2 -embiggen_tiles 5 -S9 --embiggen_strength 0.3 --new_prompt owl");
    const [dream = ""] = textsOf(opened, "000002.9.embiggen-00.png");
    expect(dream).toContain("--embiggen 2.0 0.75 0.25 --embiggen_tiles 5 --embiggen_strength 0.3 --new_prompt owl #");
    await opened.session.submit(dream);
    expect(bytesOf(opened, "000003.9.embiggen-00.png").equals(bytesOf(opened, "000002.9.embiggen-00.png"))).toBe(true);
    await opened.session.submit("!fix 000003.9.embiggen-00.png -U2");
    const tools = JSON.parse(textsOf(opened, "000004.42.upscale-00.png")[1] ?? "").image.postprocessing;
    expect(tools.map(({ tool }: { readonly tool: string }) => tool)).toEqual(["embiggen", "upscale"]);
  });

  test("launch switches of another day do not count", async () => {
    const opened = await open();
    const today = await openSession(["--rng", "cuda", "--karras_max", "20", "-f0.3"]);
    expect(await today.session.submit(`!fix ${opened.path} --embiggen 2 -S9`)).toBe("done");
    expect(today.engine.jobs[0]).toMatchObject({ rng: "cpu", karras: false, init: { strength: 0.4 } });
  });

  test("goes before the other tools, and says what it leaves out", async () => {
    const opened = await open();
    expect(await opened.session.submit("!fix 000001.42.png -U2 --embiggen 2 -c top 64 -S1")).toBe("done");
    expect(opened.said("text")).toContain(">> !fix does one thing at a time, here --embiggen: give it the result for -U, -c");
    expect(pngs(opened)).toEqual(["000001.42.png", "000002.1.embiggen-00.png"]);
  });
});

function tileAfter(seed: number): number {
  return seed >= 4294967294 ? 0 : seed + 1;
}
