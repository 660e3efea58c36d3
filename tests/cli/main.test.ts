import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { main } from "../../lib/cli/main.js";
import { DreamError } from "../../lib/errors.js";
import { FakeEngine } from "../repl/fake-engine.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

let folder: string;
let engine: FakeEngine;
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"));
  engine = new FakeEngine();
});

const model = {
  id: "tiny",
  request: { path: "/models/tiny", memory: "auto", modelCache: "off", threads: 1 },
  defaults: { steps: 2 },
  notices: [],
} as const;

class Screen extends PassThrough {
  isTTY = false;
  columns = 100;
  shown = "";
  override _transform(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    this.shown += chunk.toString(encoding === ("buffer" as string) ? "utf8" : encoding);
    done();
  }
}

interface Run {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

function run(input: string, ...switches: string[]): Promise<Run> {
  return start(["-o", folder, ...switches], { input });
}

interface Start {
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly isTTY?: boolean;
}

async function start(words: readonly string[], { input = "", environment = {}, isTTY = false }: Start = {}): Promise<Run> {
  const [output, errors] = [Object.assign(new Screen(), { isTTY }), new Screen()];
  const status = await main(words, {
    input: Readable.from([input]),
    output,
    errors,
    environment,
    home: folder,
    createEngine: () => engine,
    chooseModel: async () => model,
  });
  return { status, output: output.shown, errors: errors.shown };
}

describe("lines from a pipe", () => {
  test("are echoed, run and answered without a single control sequence", async () => {
    const { status, output, errors } = await run("# two pictures\na cat -S1\n\nb -S2", "--from_file", "-");
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
    expect(output).toContain("## two pictures\n#a cat -S1\n");
    expect(output).toContain("000002.2.png");
    expect(output).not.toContain("Awaiting your command");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the absence of control characters is what is tested
    expect(output).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(engine.closed).toBe(true);
  });

  test("are drawn without previews, whatever pictures are shown in", async () => {
    const { output } = await run("a cat -S1 -s8", "--from_file", "-", "--preview", "blocks");
    expect(engine.watched).toEqual([false]);
    expect(output).not.toContain("▀");
  });

  test("all run, and one failure makes the exit status 1", async () => {
    const { status, output, errors } = await run("a -W0\nb -S2\n");
    expect(status).toBe(1);
    expect(errors).toBe(
      "** Width (-W) must be at least 64 pixels, not 0; give -W and -H as whole numbers of pixels; they are rounded down to multiples of 64\n",
    );
    expect(output).toContain("000001.2.png");
  });

  test("q ends the run", async () => {
    await run("a -S1\nq\nb -S2\n");
    expect(engine.jobs).toHaveLength(1);
  });

  test("may lie in a file", async () => {
    writeFileSync(join(folder, "lines.txt"), "a -S1\r\nb -S2\r\n");
    const { status } = await run("c", "--from_file", join(folder, "lines.txt"));
    expect(status).toBe(0);
    expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(["a", "b"]);
  });

  test("may be those of a template", async () => {
    writeFileSync(join(folder, "scan.yaml"), "prompt: [a, b]\nsteps: 2;3;1\ndimensions: 64x64\n");
    const { status, errors } = await run("", "--from_file", join(folder, "scan.yaml"));
    expect({ status, errors }).toEqual({ status: 0, errors: `>> ${join(folder, "scan.yaml")}: 4 lines of prompts\n` });
    expect(engine.jobs.map(({ prompt, steps }) => `${prompt}${steps}`)).toEqual(["a2", "a3", "b2", "b3"]);
  });

  test("of a template that makes no sense are none, and say why", async () => {
    writeFileSync(join(folder, "scan.yml"), "prompt: [a\n");
    const { status, errors } = await run("", "--from_file", join(folder, "scan.yml"));
    expect({ status, errors }).toEqual({
      status: 1,
      errors: expect.stringMatching(/^dream-repl: .*scan\.yml is not valid YAML: [^\n]*\n$/),
    });
  });

  test.each([
    ["a byte order mark", "\ufeff# first\na -S1\n", ["a"]],
    ["dream_log.txt", 'out/000001.1.png: "a" -s 5 -S 1 -W 64 -H 64 -C 7.5 -A k_lms\nout/1.2.png: b -s5 -S2\n', ["a", "b"]],
    ["a Markdown log", "## 000001.1.png\n![](000001.1.png)\n\na -s 5 -S 1\n", ["a"]],
    ["a prompt with a colon", "a.png: a film -S1\n", ["a.png: a film"]],
  ])("%s", async (_, text, prompts) => {
    writeFileSync(join(folder, "lines.txt"), text);
    const { status, errors } = await run("", "--from_file", join(folder, "lines.txt"));
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
    expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(prompts);
  });
});

describe("the command line", () => {
  test("--help and --version need no model", async () => {
    expect((await run("", "--help")).output).toMatch(/^usage: dream \[switches\] .*\n.*\n.*\n\nPicture:\n {2}-s, --steps COUNT/);
    expect((await run("", "--version")).output).toMatch(/^dream-repl \d+\.\d+\.\d+\n$/);
    expect(engine.closed).toBe(false);
  });

  test.each([
    [["--nonsense"], 2, "dream-repl: unrecognized arguments: --nonsense; see dream --help\n"],
    [["-W", "0"], 2, "dream-repl: Width (-W) must be at least 64 pixels, not 0; see dream --help\n"],
    [["--from_file", "/nowhere.txt"], 1, "dream-repl: /nowhere.txt does not exist; check the path\n"],
    [["--root", "/nowhere"], 1, "dream-repl: the root folder /nowhere (--root_dir) does not exist; check the path\n"],
    [["--web"], 2, "dream-repl: not available yet: web server; leave out --web\n"],
    [["-A", "magic"], 2, expect.stringContaining("invalid choice: 'magic' (choose from ")],
    [["-s"], 2, "dream-repl: argument -s/--steps: expected one argument; see dream --help\n"],
    [["--s", "1"], 2, expect.stringContaining("ambiguous option: --s could match ")],
    [["x", "--nonsense"], 2, "dream-repl: unrecognized arguments: --nonsense; see dream --help\n"],
    [["x", "-W0"], 2, "dream-repl: Width (-W) must be at least 64 pixels, not 0; see dream --help\n"],
    [["x", "-S", "one"], 2, "dream-repl: argument -S/--seed: invalid int value: 'one'; see dream --help\n"],
    [["x", "-C1"], 2, "dream-repl: CFG_Scale (-C) must be >1.0; see dream --help\n"],
    [[""], 2, "dream-repl: Try again with a prompt!; see dream --help\n"],
    [["x", "--from_file", "-"], 2, "dream-repl: a prompt and --from_file exclude each other; leave one out; see dream --help\n"],
    [["x", "-G", "0.8", "-ft", "nose"], 2, 'dream-repl: -ft is gfpgan or codeformer, not "nose"; see dream --help\n'],
    [
      ["-o", "/dev/null/x"],
      1,
      "dream-repl: cannot write /dev/null/x: a part of the path is a file; free some space or choose another folder with -o\n",
    ],
  ])("%p fails with one sentence", async (switches, status, errors) => {
    expect(await run("a", ...switches)).toEqual({ status, output: "", errors });
  });

  test("a model that cannot be loaded ends the program with its sentence", async () => {
    engine.loadFailure = new DreamError("model/not-a-model", "x.safetensors is a LoRA");
    const { status, errors } = await run("a");
    expect({ status, errors }).toEqual({ status: 1, errors: "dream-repl: x.safetensors is a LoRA; give a Stable Diffusion checkpoint\n" });
    expect(engine.closed).toBe(true);
  });
});

describe("a prompt on the command line", () => {
  test("is made and listed, and the program ends with status 0", async () => {
    const { status, output, errors } = await start(["a red circle", "-s2", "-S5", "-o", folder]);
    expect({ status, errors }).toEqual({ status: 0, errors: "" });
    expect(output).toContain(`Outputs:\n[1] ${join(folder, "000001.5.png")}: "a red circle" -s 2 -S 5 `);
    expect(output).not.toContain("#a");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the absence of control characters is what is tested
    expect(output).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(engine.closed).toBe(true);
  });

  test("takes its values from the program's switches, too", async () => {
    await run("", "a", "-S1", "--seamless", "-W640");
    expect(engine.jobs).toMatchObject([{ seamless: "xy", width: 640, seed: 1 }]);
  });

  test("what cannot be made gives the status 1", async () => {
    engine.beforeStep = () => {
      throw new DreamError("engine/failed", "no");
    };
    expect(await run("", "a")).toMatchObject({ status: 1, errors: "** no\n" });
  });

  test("standard input is left alone", async () => {
    await start(["a", "-S1", "-o", folder], { input: "b -S2\n" });
    expect(engine.jobs).toHaveLength(1);
  });

  test("a terminal shows how far it is, and keeps only the text", async () => {
    engine.stepMilliseconds = 110;
    const { output } = await start(["a", "-s3", "-S1", "-o", folder], { isTTY: true });
    const shown = output.split("\r").filter((part) => part.endsWith("\x1b[K"));
    expect(shown).toEqual(expect.arrayContaining([expect.stringMatching(/^[#.]+ 1\/3 /), expect.stringMatching(/^[#.]+ 2\/3 /)]));
    const kept = shown.reduce((text, part) => text.replace(`\r${part}`, ""), output);
    expect(kept).toContain("Outputs:\n[1] ");
    expect(kept.split("\r\x1b[K").join("")).not.toContain("\x1b");
  });

  test("!commands run, also while no model can be loaded", async () => {
    engine.stepMilliseconds = 50;
    const { status, output } = await run("", "!help", "!models");
    expect(status).toBe(0);
    expect(output).toContain("!models");
    engine.loadFailure = new DreamError("model/not-a-model", "it is a LoRA");
    expect(await run("", "!help")).toMatchObject({ status: 0, errors: "" });
    expect(await run("", "a")).toMatchObject({ status: 1, errors: "dream-repl: it is a LoRA; give a Stable Diffusion checkpoint\n" });
  });
});

describe("root and initialization file", () => {
  function makeRoot(init: string): string {
    const path = join(folder, "root");
    mkdirSync(path);
    writeFileSync(join(path, "invokeai.init"), init);
    return path;
  }

  test("the file is read, said on standard error, and the command line wins", async () => {
    const path = makeRoot("-s 4 -W640\n");
    const { status, output, errors } = await start(["a", "-S1", "-W", "64"], { environment: { INVOKEAI_ROOT: path } });
    expect({ status, errors }).toEqual({ status: 0, errors: `>> Initialization file ${join(path, "invokeai.init")} found. Loading...\n` });
    expect(output).toContain(`>> dream-repl runtime directory is "${path}"\n`);
    expect(output).toContain(`>> ${join(path, "configs", "models.yaml")} does not exist; the models are those of this program\n`);
    expect(engine.jobs).toMatchObject([{ steps: 4, width: 64 }]);
    expect(readdirSync(join(path, "outputs"))).toContain("000001.1.png");
  });

  test("a mistake in it ends the program with its place, but not --version", async () => {
    const path = makeRoot("-s 4\n-S 4\n");
    const { status, errors } = await run("a", "--root", path);
    expect(status).toBe(2);
    expect(errors).toBe(`dream-repl: ${join(path, "invokeai.init")}, line 2: unrecognized arguments: -S 4; see dream --help\n`);
    expect((await run("", "--version", "--root", path)).status).toBe(0);
  });

  test("~/.invokeai may name the root", async () => {
    const path = makeRoot("-s 4\n");
    writeFileSync(join(folder, ".invokeai"), `--root="${path}" -s3\n`);
    const { output } = await start(["a", "-S1"]);
    expect(output).toContain(`.invokeai is deprecated; move its lines to ${join(folder, "invokeai", "invokeai.init")}\n`);
    expect(output).toContain(`runtime directory is "${path}"`);
    expect(engine.jobs).toMatchObject([{ steps: 3 }]);
  });
});

test("settings for every line are told at the start", async () => {
  const { output } = await run("", "-A", "k_euler", "--seamless", "--from_file", "-");
  expect(output).toContain(">> Setting Sampler to k_euler\n>> changed to seamless tiling mode\n");
});

test.each([
  [["--no_restore"], ">> Face restoration disabled\n"],
  [["--no_upscale"], ">> Upscaling disabled\n"],
  [["--no_upscale", "--no_restore"], ">> Face restoration and upscaling disabled\n"],
  [["--gfpgan_dir", "/nowhere", "--gfpgan_model_path", "g.onnx"], ">> NOT FOUND: GFPGAN model not found at /nowhere/g.onnx\n"],
])("%p is told at the start", async (switches, line) => {
  const { status, output } = await run("", ...switches);
  expect(status).toBe(0);
  expect(output).toContain(line);
});

describe("on a terminal", () => {
  function open(environment: NodeJS.ProcessEnv = { LANG: "C.UTF-8" }): { keys: PassThrough; screen: Screen; status: Promise<number> } {
    const keys = Object.assign(new PassThrough(), { isTTY: true });
    const screen = Object.assign(new Screen(), { isTTY: true });
    const status = main(["-o", folder], {
      input: keys,
      output: screen,
      errors: new Screen(),
      environment,
      createEngine: () => engine,
      chooseModel: async () => model,
    });
    return { keys, screen, status };
  }
  async function until(condition: () => boolean): Promise<void> {
    for (const end = Date.now() + 50_000; !condition(); ) {
      if (Date.now() > end) throw new Error("it never came");
      await new Promise((resume) => setTimeout(resume, 5));
    }
  }

  test("a line typed while the model loads runs; q leaves with a farewell", async () => {
    const { keys, screen, status } = open();
    keys.write("a cat -S7\n");
    await until(() => screen.shown.includes("Outputs:"));
    expect(screen.shown).toContain("Awaiting your command");
    expect(screen.shown).toContain("░");
    keys.write("q\n");
    expect(await status).toBe(0);
    expect(screen.shown).toContain("goodbye!");
    expect(readdirSync(folder)).toContain(".dream_history");
  });

  test.each([
    ["xterm-kitty", true],
    ["xterm-256color", false],
  ])("in %s, somebody watches pictures grow: %s", async (TERM, watches) => {
    const { keys, screen, status } = open({ LANG: "C.UTF-8", TERM });
    keys.write("a cat -S7\nq\n");
    await status;
    expect(screen.shown).toContain("goodbye!");
    expect(engine.watched).toEqual([watches]);
  });

  test("what is typed while a picture is made stands on the screen and runs afterwards", async () => {
    engine.stepMilliseconds = 20;
    const { keys, screen, status } = open();
    keys.write("first -s10 -S1\n");
    await until(() => engine.jobs.length === 1);
    keys.write("second -S2");
    await until(() => screen.shown.includes("second"));
    keys.write("\n");
    await until(() => engine.jobs.length === 2);
    expect(screen.shown).toContain("+1 waiting");
    keys.write("q\n");
    await status;
    expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(["first", "second"]);
  });

  test("Ctrl-C while a picture is made stops it; at the prompt it leaves", async () => {
    engine.stepMilliseconds = 5;
    const { keys, screen, status } = open();
    keys.write("long -s1000\n");
    await until(() => engine.jobs.length === 1);
    keys.write("\x03");
    await until(() => screen.shown.includes("**Interrupted**"));
    keys.write("short -S2\n");
    await until(() => screen.shown.includes("[1] "));
    keys.write("\x03");
    expect(await status).toBe(0);
  });

  test("one that knows no cursor movement gets plain lines and a prompt", async () => {
    const { keys, screen, status } = open({ TERM: "dumb" });
    keys.end("a cat -S7\n");
    expect(await status).toBe(0);
    expect(screen.shown).toContain("dream> ");
    expect(screen.shown).toContain("000001.7.png");
    expect(screen.shown).not.toContain("\x1b");
  });

  test("Ctrl-D leaves", async () => {
    const { keys, screen, status } = open();
    await until(() => screen.shown.includes("Awaiting"));
    keys.write("\x04");
    expect(await status).toBe(0);
    expect(screen.shown).toMatch(/goodbye!\n$/);
  });

  test("a model that cannot be loaded ends the program", async () => {
    engine.loadFailure = new DreamError("model/not-a-model", "it is a LoRA");
    expect(await open().status).toBe(1);
  });
});
