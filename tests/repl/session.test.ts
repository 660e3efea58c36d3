import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { DreamError } from "../../lib/errors.js";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { parseLaunch } from "../../lib/options/read.js";
import type { SessionEvent } from "../../lib/repl/events.js";
import { SessionHistory } from "../../lib/repl/history/history.js";
import { ModelCatalogue } from "../../lib/repl/model-catalogue.js";
import { Session } from "../../lib/repl/session.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { FakeEngine } from "./fake-engine.js";

const root = await temporaryFolder();

let folder: string;
let engine: FakeEngine;
let events: SessionEvent[];
let history: SessionHistory;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
  engine = new FakeEngine();
  events = [];
  history = new SessionHistory();
});

async function open(...switches: string[]): Promise<Session> {
  const session = new Session({
    engine,
    model: {
      id: "tiny",
      request: { path: "/models/tiny", memory: "auto", modelCache: "off", threads: 1 },
      defaults: { steps: 3 },
      notices: [],
    },
    catalogue: new ModelCatalogue(join(folder, "models.yaml"), { memory: "auto", modelCache: "off", threads: 1 }),
    launch: parseLaunch(["-o", folder, ...switches]),
    app: { id: "dream-repl", version: "0.0.1" },
    emit: (event) => events.push(event),
    history,
  });
  await session.start();
  return session;
}
const said = (type: "text" | "problem") => events.flatMap((event) => (event.type === type ? [event.text] : [])).join("\n");
const pictures = () => readdirSync(folder).filter((name) => name.endsWith(".png"));

test("a line becomes a picture that carries the line", async () => {
  const session = await open();
  expect(await session.submit("a cat [fog] -S42 -C10")).toBe("done");
  expect(pictures()).toEqual(["000001.42.png"]);
  expect(engine.jobs).toEqual([
    {
      prompt: "a cat [fog]",
      width: 128,
      height: 64,
      steps: 3,
      cfgScale: 10,
      sampler: "k_lms",
      seed: 42,
      variations: [],
      karras: false,
      rng: "cpu",
      seamless: "",
      clipSkip: 0,
      logTokens: false,
    },
  ]);
  const dream = '"a cat [fog]" -s 3 -S 42 -W 128 -H 64 -C 10.0 -A k_lms # model_id=tiny';
  const [first, second] = readPngText(readFileSync(join(folder, "000001.42.png")), "x.png");
  expect(first).toEqual({ keyword: "Dream", text: dream });
  expect(second?.keyword).toBe("sd-metadata");
  expect(JSON.parse(second?.text ?? "")).toMatchObject({ model_id: "tiny", model_hash: "abc123", app_id: "dream-repl" });
  expect(readFileSync(join(folder, "dream_log.txt"), "utf8")).toBe(`${join(folder, "000001.42.png")}: ${dream}\n`);
  expect(said("text")).toMatch(
    />> Usage stats:\n>> {3}1 image\(s\) generated in \d+\.\d\ds\nOutputs:\n\[1\] .*000001\.42\.png: "a cat \[fog\]"/,
  );
  expect(said("problem")).toBe("");
});

test("how the prompt is to be read reaches the engine and the picture", async () => {
  const session = await open();
  await session.submit("a:1 b:2 -x --long_prompts --clip_skip 2 -S42");
  expect(engine.jobs).toMatchObject([{ prompt: "a:1 b:2", skipNormalize: true, longPrompts: true, clipSkip: 1 }]);
  const [dream, json] = readPngText(readFileSync(join(folder, "000001.42.png")), "x.png");
  expect(dream?.text).toBe('"a:1 b:2" -s 3 -S 42 -W 128 -H 64 -C 7.5 -A k_lms -x --long_prompts --clip_skip 2 # model_id=tiny');
  expect(JSON.parse(json?.text ?? "")).toMatchObject({ image: { skip_normalize: true, long_prompts: true, clip_skip: 2 } });
});

test("what is to say of a prompt is said once for all its pictures", async () => {
  const session = await open();
  engine.notices = ["The prompt is 2 token(s) too long"];
  await session.submit("a cat -n3");
  expect(said("text").split(">> The prompt is 2 token(s) too long")).toHaveLength(2);
  await session.submit("a cat");
  expect(said("text").split(">> The prompt is 2 token(s) too long")).toHaveLength(3);
});

test.each([
  ["a cat", 0],
  ["a cat -t -n2", 1],
  ["a {cat|dog} -t", 2],
])("%s tells tokens %i times", async (line, times) => {
  const session = await open();
  await session.submit(line);
  expect(events.filter(({ type }) => type === "tokens")).toHaveLength(times);
});

test("-t at launch holds for every line", async () => {
  const session = await open("-t");
  await session.submit("a cat");
  expect(events.filter(({ type }) => type === "tokens")).toHaveLength(1);
});

test("-n follows the reference's seed succession under one number", async () => {
  const session = await open();
  await session.submit("a -S42 -n3");
  await session.submit("b -S5");
  expect(pictures()).toEqual(["000001.2746317213.png", "000001.3929441273.png", "000001.42.png", "000002.5.png"]);
  expect(said("text")).toContain("\n[1.3] ");
  expect(said("text")).toContain("\n[2] ");
});

test("progress counts from 0 to the last step of every picture, then rests", async () => {
  const session = await open();
  events = [];
  await session.submit("a -s2 -n2");
  const seen = events.flatMap((event) => (event.type === "progress" ? [`${event.progress.picture}:${event.progress.step}`] : []));
  expect(seen).toEqual(["1:0", "1:1", "1:2", "2:0", "2:1", "2:2"]);
  expect(events.filter(({ type }) => type === "rest")).toHaveLength(1);
});

test("lines run in order, also those that come while one runs or the model loads", async () => {
  engine.stepMilliseconds = 1;
  const session = await open();
  const results = await Promise.all([
    session.submit("a -S1"),
    session.submit("nonsense -W0"),
    session.submit("b -S2"),
    session.submit("q"),
    session.submit("c"),
  ]);
  expect(results).toEqual(["done", "failed", "done", "leave", "leave"]);
  expect(engine.jobs.map(({ seed }) => seed)).toEqual([1, 2]);
  expect(said("text")).toContain("#nonsense -W0");
  expect(said("text")).not.toContain("#a -S1");
});

test("blank lines and comments do nothing; everything else is remembered before it runs", async () => {
  const session = await open();
  engine.beforeStep = () => expect(history.lines).toEqual(["a -S1"]);
  for (const line of ["", "  ", "# x", "// x", " a -S1 ", "q"]) await session.submit(line);
  expect(history.lines).toEqual(["a -S1"]);
  expect(engine.jobs).toHaveLength(1);
});

test("!dream is the prompt; an unknown command is said", async () => {
  const session = await open();
  expect(await session.submit("!dream a -S1")).toBe("done");
  expect(engine.jobs[0]?.prompt).toBe("a");
  expect(await session.submit("!paint x.png")).toBe("failed");
  expect(said("problem")).toContain("there is no command !paint");
});

test("-h prints the switches of a line", async () => {
  const session = await open();
  expect(await session.submit("-h")).toBe("done");
  expect(said("text")).toContain("-W, --width PIXELS");
  expect(said("text")).not.toContain("--model_cache");
});

test("negative seeds reach back within the last line", async () => {
  const session = await open();
  await session.submit("a -S42 -n2");
  await session.submit("b -S-2");
  expect(engine.jobs.at(-1)?.seed).toBe(42);
  expect(said("text")).toContain(">> Reusing previous seed 42");
  expect(await session.submit("c -S-2")).toBe("failed");
  expect(said("problem")).toBe("** No previous seed at position -2 found");
});

test("every bad line is one sentence, and the session lives on", async () => {
  const session = await open();
  const bad = ["a -W0", "a -Wx", "a -H 999999", "a -Abogus", "a -s", '"a', "-W640", "a -o /dev/null/x", "a --what"];
  for (const line of bad) expect(await session.submit(line)).toBe("failed");
  const problems = events.flatMap((event) => (event.type === "problem" ? [event.text] : []));
  expect(problems).toHaveLength(bad.length);
  for (const problem of problems) expect(problem).not.toContain("\n");
  expect(await session.submit("a")).toBe("done");
  expect(pictures()).toHaveLength(1);
});

test("a prompt of 10,000 characters is an ordinary prompt", async () => {
  const session = await open();
  const prompt = "very ".repeat(2000).trim();
  expect(await session.submit(`${prompt} -S1`)).toBe("done");
  expect(readPngText(readFileSync(join(folder, "000001.1.png")), "x.png")[0]?.text).toContain(prompt);
});

test("an interrupt keeps what was finished, and the next line runs", async () => {
  const session = await open();
  engine.beforeStep = (step) => engine.jobs.length === 2 && step === 2 && session.interrupt();
  expect(await session.submit("a -S42 -n5")).toBe("failed");
  expect(engine.cancels).toBe(1);
  expect(said("text")).toContain("**Interrupted** Partial results will be returned.");
  expect(said("text")).toContain("1 image(s) generated");
  expect(pictures()).toEqual(["000001.42.png"]);
  engine.beforeStep = () => undefined;
  expect(await session.submit("b -S1")).toBe("done");
  expect(session.interrupt()).toBe("idle");
});

test.each(Array.from({ length: 12 }, (_, turns) => turns))(
  "an interrupt %d turns after the line stops it, whatever is being prepared",
  async (turns) => {
    const session = await open();
    engine.stepMilliseconds = 1;
    const result = session.submit("a -s1000 -S1");
    for (let turn = 0; turn < turns; turn++) await new Promise((resume) => setImmediate(resume));
    while (session.interrupt() === "idle") await new Promise((resume) => setImmediate(resume));
    expect(await result).toBe("failed");
  },
);

test("a second interrupt reaches the engine too", async () => {
  const session = await open();
  engine.beforeStep = () => {
    session.interrupt(0);
    session.interrupt(2000);
  };
  await session.submit("a");
  expect(engine.cancels).toBe(2);
  expect(said("text")).toContain(">> Restarting the engine");
});

test("two interrupts within a second mean leaving", async () => {
  const session = await open();
  const outcomes: string[] = [];
  engine.beforeStep = () => outcomes.push(session.interrupt(0), session.interrupt(999));
  await session.submit("a");
  expect(outcomes).toEqual(["stopping", "leave"]);
});

test("an engine that dies costs the job, not the session; finished pictures are listed", async () => {
  const session = await open();
  engine.beforeStep = () => {
    if (engine.jobs.length !== 2) return;
    engine.notify("the engine was killed; restarting");
    throw new DreamError("engine/crashed", "the engine was killed");
  };
  expect(await session.submit("a -S42 -n3")).toBe("failed");
  expect(said("text")).toContain(">> the engine was killed; restarting");
  expect(said("text")).toContain("[1] ");
  expect(said("problem")).toBe("** the engine was killed; the engine restarts and reloads the model");
  expect(await session.submit("b -S1")).toBe("done");
});

test("a defect is told with its place and does not end the session", async () => {
  const session = await open();
  engine.beforeStep = () => {
    throw new TypeError("oops");
  };
  expect(await session.submit("a")).toBe("failed");
  expect(said("problem")).toContain("internal error: TypeError: oops");
});

test("a model that cannot be loaded is the caller's to tell", async () => {
  engine.loadFailure = new DreamError("safetensors/header", "x is damaged");
  await expect(open()).rejects.toThrow("x is damaged");
});

test("another program's file is never overwritten", async () => {
  const session = await open();
  engine.beforeStep = () => writeFileSync(join(folder, "000001.7.png"), "theirs");
  await session.submit("a -S7");
  expect(pictures()).toEqual(["000001.7.png", "000002.7.png"]);
});
