import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import sharp from "sharp";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { temporaryFolder } from "../support/temporary-folder.js";

// Every test starts processes; on a busy machine one start has taken half a minute.
jest.setTimeout(240_000);

const root = await temporaryFolder();
const MODEL = join(PACKAGE_ROOT, "tests", "oracles", "miniatures", "speck");

interface Program {
  readonly process: ChildProcessWithoutNullStreams;
  readonly folder: string;
  readonly output: () => string;
  readonly errors: () => string;
  readonly status: Promise<number | null>;
}

/** The real program with the real engine and a model of a few hundred kilobytes. */
function start(...switches: string[]): Program {
  const folder = mkdtempSync(join(root, "run-"));
  const words = ["--model", MODEL, "--model_cache", "off", "--threads", "1", "-o", folder, ...switches];
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), ...words]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { process: child, folder, output: () => output, errors: () => errors, status };
}

const pictures = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .map((name) => join(folder, name));
const dreamOf = (path: string) => readPngText(readFileSync(path), path).find(({ keyword }) => keyword === "Dream")?.text ?? "";
const pixels = (path: string) => sharp(path).raw().toBuffer();

test("a piped line becomes a picture, and the command inside makes the same pixels again", async () => {
  const first = start();
  first.process.stdin.end("a cat [fog] -s3 -W128 -Ak_euler_a\n");
  expect({ status: await first.status, errors: first.errors() }).toEqual({ status: 0, errors: "" });
  const [original = ""] = pictures(first.folder);
  expect(await sharp(original).metadata()).toMatchObject({ format: "png", width: 128, height: 64, channels: 3 });
  expect(first.output()).toContain(`[1] ${original}: ${dreamOf(original)}\n`);

  const second = start();
  second.process.stdin.end(`${dreamOf(original)}\n`);
  expect(await second.status).toBe(0);
  const [copy = ""] = pictures(second.folder);
  expect((await pixels(copy)).equals(await pixels(original))).toBe(true);
  expect(dreamOf(copy)).toBe(dreamOf(original));
});

test("a prompt on the command line becomes a picture; the program ends although standard input does not", async () => {
  const program = start("a", "red circle", "-s2", "-S5");
  expect({ status: await program.status, errors: program.errors() }).toEqual({ status: 0, errors: "" });
  const [picture = ""] = pictures(program.folder);
  expect(program.output()).toMatch(/\nOutputs:\n\[1\] .*000001\.5\.png: "a red circle" -s 2 -S 5 /);
  expect(dreamOf(picture)).toMatch(/^"a red circle" -s 2 -S 5 /);
});

test("bad lines and a prompt of 10,000 characters leave the program alive and the exit status 1", async () => {
  const program = start();
  program.process.stdin.end(`a -W0\na -Abogus\n${"very ".repeat(2000)} -s1 -S5\n`);
  expect(await program.status).toBe(1);
  expect(program.errors().trim().split("\n")).toHaveLength(2);
  expect(program.output()).toContain("token(s) too long");
  expect(pictures(program.folder)).toEqual([join(program.folder, "000001.5.png")]);
});

describe("at launch", () => {
  test.each([
    [["--model", "no-such-model"], 1, /^dream-repl: "no-such-model" is neither .*\n$/],
    [["--model", join(PACKAGE_ROOT, "package.json")], 1, /^dream-repl: .*package\.json is not a safetensors file.*\n$/],
    [["-W", "wide"], 2, /^dream-repl: argument -W\/--width: invalid int value: 'wide'; see dream --help\n$/],
  ])("%p ends in one sentence", async (switches, status, sentence) => {
    const program = start(...switches);
    program.process.stdin.end("a cat\n");
    expect(await program.status).toBe(status);
    expect(program.errors()).toMatch(sentence);
    expect(pictures(program.folder)).toEqual([]);
  });
});

// Finding the engine's process needs /proc.
const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("while a picture is made", () => {
  async function untilBusy(program: Program): Promise<number> {
    program.process.stdin.write("a long one -s1000 -W512 -H512\n");
    await until(() => program.output().includes("#a long one"));
    const { pid } = program.process;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
  }

  test("killing the engine costs the picture, not the program", async () => {
    const program = start();
    process.kill(await untilBusy(program), "SIGKILL");
    program.process.stdin.end("another -s1 -S5\n");
    expect(await program.status).toBe(1);
    expect(program.errors()).toMatch(/^\*\* .*killed.*restarts and reloads the model\n$/);
    expect(pictures(program.folder)).toEqual([join(program.folder, "000001.5.png")]);
  });

  test("Ctrl-C between lines ends the run", async () => {
    const program = start();
    program.process.stdin.write("# hello\n");
    await until(() => program.output().includes("## hello"));
    program.process.kill("SIGINT");
    expect(await program.status).toBe(1);
  });

  test("Ctrl-C ends a run from a pipe with what was finished, and the engine goes too", async () => {
    const program = start();
    const engine = await untilBusy(program);
    program.process.kill("SIGINT");
    expect(await program.status).toBe(1);
    expect(program.output()).toContain("**Interrupted**");
    expect(() => process.kill(engine, 0)).toThrow("ESRCH");
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 200_000; !condition(); ) {
    if (Date.now() > end) throw new Error("it never came");
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
