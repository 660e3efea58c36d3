import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseLaunch, parseLine } from "../../lib/options/read.js";
import { thrown } from "../support/thrown.js";

const failure = (action: () => unknown): string => thrown(action).message;

describe("prompt and switches", () => {
  test.each([
    ["waterfall -W640 -H480", { prompt: "waterfall", width: 640, height: 480 }],
    ["waterfall -W 640 -H=480", { prompt: "waterfall", width: 640, height: 480 }],
    ["waterfall --width=640 --height 480", { prompt: "waterfall", width: 640, height: 480 }],
    ["a cat -Ak_euler -s50", { prompt: "a cat", sampler: "k_euler", steps: 50 }],
    ["a cat -m plms -C7", { prompt: "a cat", sampler: "plms", cfgScale: 7 }],
    ["a cat --ite 3 --samp ddim", { prompt: "a cat", iterations: 3, sampler: "ddim" }],
    ["a cat -n 2 -n 3", { prompt: "a cat", iterations: 3 }],
    ["a cat -S -1", { prompt: "a cat", seed: -1 }],
    ["a cat -S-1", { prompt: "a cat", seed: -1 }],
    ["a cat --seed=-2", { prompt: "a cat", seed: -2 }],
    ["a cat -C .5 -s +5", { prompt: "a cat", cfgScale: 0.5, steps: 5 }],
    ["1984", { prompt: "1984" }],
    ["", { prompt: "" }],
    ["-W640 --prompt 'a cat'", { prompt: "a cat", width: 640 }],
    ["a cat -h", { prompt: "a cat", help: true }],
  ])("%s", (line, expected) => {
    expect(parseLine(line)).toEqual(expected);
  });
});

describe("switches with several values take every word up to the next switch", () => {
  test.each([
    ["a -U4", { upscale: [4] }],
    ["a -U 2 -0.5 -n3", { upscale: [2, -0.5], iterations: 3 }],
    ["a -U 2 -U 4", { upscale: [4] }],
    ["a -tm a hat .4", { textMask: ["a", "hat", ".4"] }],
    ["a -tm 'a hat' -5", { textMask: ["a hat", "-5"] }],
    ["a -c top 64 left 128 -g", { outcrop: ["top", "64", "left", "128"], grid: true }],
    ["a --embiggen_tiles 1 2 3", { embiggenTiles: [1, 2, 3] }],
    ["a -embiggen 2.5 0.75 0.25", { embiggen: [2.5, 0.75, 0.25] }],
    ["a -c '' '\"x\"'", { outcrop: ["", '"x"'] }],
  ])("%s", (line, expected) => {
    expect(parseLine(line)).toEqual({ prompt: "a", ...expected });
  });
});

describe("clusters, long names with one dash, negations, shortened names", () => {
  test.each([
    ["a -gn4", { grid: true, iterations: 4 }],
    ["a -gi -tx", { grid: true, individual: true, logTokenization: true, skipNormalize: true }],
    ["a -gn 4", { grid: true, iterations: 4 }],
    ["a -fit -f.5", { fit: true, strength: 0.5 }],
    ["a -ft=codeformer -cf .1", { facetool: "codeformer", codeformerFidelity: 0.1 }],
    ["a -cf0.5", { outcrop: ["f0.5"] }],
    ["a -save_orig", { saveOriginal: true }],
    ["a -g --no-grid", { grid: false }],
    ["a --no-g", { grid: false }],
    ["a --variation .2", { variationAmount: 0.2 }],
    ["a --save_orig", { saveOriginal: true }],
    ["a --skip", { skipNormalize: true }],
    ["a --h_symmetry .3", { hSymmetryTimePct: 0.3 }],
    ["a -F", { fit: true }],
    ["a -I-1", { initImg: "-1" }],
    ["a -I -1", { initImg: "-1" }],
    ["a --mask m.png", { initMask: "m.png" }],
    ["a -z 9", { pngCompression: 9 }],
  ])("%s", (line, expected) => {
    expect(parseLine(line)).toEqual({ prompt: "a", ...expected });
  });

  test("-h ends the reading, whatever follows", () => {
    expect(parseLine("a -n2 -h -s nonsense stray")).toEqual({ prompt: "a", iterations: 2, help: true });
  });
});

describe("text that looks like something else stays text", () => {
  test.each([
    ["it's a dog's life -n2", "it's a dog's life"],
    ["a man, 5'10\" tall -n2", "a man, 5'10\" tall"],
    ["tight-rope, semi--colon -n2", "tight-rope, semi--colon"],
    ["minus - one -- two -1 degree -n2", "minus - one -- two -1 degree"],
    ["a cat # not a comment -n2", "a cat # not a comment"],
    ["a cat  -n2", "a cat"],
    ["$5 for (two) | three; <four> & * -n2", "$5 for (two) | three; <four> & *"],
    ["C:\\Users\\me -n2", "C:\\Users\\me"],
    ["'single quoted' -n2", "'single quoted'"],
    ['"a cat" -n2', "a cat"],
    ['"a cat with -whiskers" -n2', "a cat with -whiskers"],
    ['"say \\"hello\\" to C:\\\\" -n2', 'say "hello" to C:\\'],
    ['"a cat" with hat -n2', "a cat with hat"],
    ['"a cat"-flap -n2', "a cat-flap"],
    ['"a cat" -1 degree "and a dog" -n2', "a cat -1 degree and a dog"],
    ['"a"#1 -n2', "a#1"],
    ['"a cat" in a dog\'s hat -n2', "a cat in a dog's hat"],
    ['"costs $5 and $HOME" -n2', "costs $5 and $HOME"],
  ])("%s", (line, prompt) => {
    expect(parseLine(line)).toEqual({ prompt, iterations: 2 });
  });
});

describe("values keep every character", () => {
  test.each([
    ["a -o 'my folder'", "my folder"],
    ['a -o "my $HOME (1)"', "my $HOME (1)"],
    ["a -o dir(1)|&;<x>*?$5`", "dir(1)|&;<x>*?$5`"],
    ["a -o x#1 # a comment", "x#1"],
    ["a -o C:\\\\path", "C:\\path"],
    ["a -o one\\ two", "one two"],
    ["a -o ''", ""],
    ['a -o "it\'s"', "it's"],
    ["a -o \"'quoted'\"", "'quoted'"],
    ["a --outdir=a=b", "a=b"],
    ["a -o ~/pictures", join(homedir(), "pictures")],
    ["a -o ~other", "~other"],
  ])("%s", (line, outdir) => {
    expect(parseLine(line).outdir).toBe(outdir);
  });
});

describe("errors are argparse's sentences", () => {
  test.each([
    ["a -W 640.5", "argument -W/--width: invalid int value: '640.5'"],
    ["a -Wx", "argument -W/--width: invalid int value: 'x'"],
    ["a -C nan", "argument -C/--cfg_scale: invalid float value: 'nan'"],
    ["a -s", "argument -s/--steps: expected one argument"],
    ["a -s -n2", "argument -s/--steps: expected one argument"],
    ["a -s abc -s5", "argument -s/--steps: invalid int value: 'abc'"],
    ["a -sS5", "argument -s/--steps: invalid int value: 'S5'"],
    [
      "a --se 3 --s 3",
      "ambiguous option: --se could match --seed, --seamless, --seamless_axes, --seam_size, --seam_blur, --seam_strength, --seam_steps",
    ],
    ["a --help=1", "argument -h/--help: ignored explicit argument '1'"],
    ["a -hello", "argument -h/--help: ignored explicit argument 'ello'"],
    ["a --fit=1", "argument --fit/-T/-fit/-F/--no-fit: ignored explicit argument '1'"],
    ["a -fi", "ambiguous option: -fi could match -f, -fit"],
    ["a -sa", "ambiguous option: -sa could match -s, -save_orig"],
    ["a -em 2", "ambiguous option: -em could match -embiggen, -embiggen_tiles, -embiggen_strength"],
    ["a -U -n2", "argument -U/--upscale: expected at least one argument"],
    ["a -U4 0.75", "unrecognized arguments: 0.75; the prompt goes first"],
    ["a --embiggen_tiles 1 x", "argument --embiggen_tiles/-embiggen_tiles: invalid int value: 'x'"],
    ["a -I -x.png", "argument -I/--init_img: expected one argument"],
    ["a -z 10", "argument -z/--png_compression: invalid choice: 10 (choose from 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"],
    ["a -n2 --", "unrecognized arguments: --; put the prompt in double quotes if this belongs to it, -h lists the switches"],
    ["--", "unrecognized arguments: --; put the prompt in double quotes if this belongs to it, -h lists the switches"],
    ["a -n2 stray", "unrecognized arguments: stray; the prompt goes first"],
    ["-n4 a cat", "unrecognized arguments: a cat; the prompt goes first"],
    ['"a cat -n2', 'No closing quotation; add the missing "'],
    ["a -o 'x", "No closing quotation; add the missing '"],
    ["a -o x\\", "No escaped character after the final \\"],
  ])("%s", (line, message) => {
    expect(failure(() => parseLine(line))).toBe(message);
  });

  test("an unknown sampler lists the names", () => {
    expect(failure(() => parseLine("a -Abogus"))).toMatch(
      /^argument -A\/-m\/--sampler: invalid choice: 'bogus' \(choose from .*'k_lms'.*\)$/,
    );
  });

  test("an unknown switch says how to keep it in the prompt", () => {
    expect(failure(() => parseLine("a man -with a hat"))).toMatch(/^unrecognized arguments: -with a hat; put the prompt in double quotes/);
  });
});

test("launch switches are read by the same rules", () => {
  expect(parseLaunch(["--model", "tiny", "-W=640", "-oout dir", "--memory=lean", "--from_file", "-"])).toEqual({
    model: "tiny",
    width: 640,
    outdir: "out dir",
    memory: "lean",
    fromFile: "-",
  });
  expect(parseLaunch(["-config", "x.yaml"])).toEqual({ config: "x.yaml" });
  expect(failure(() => parseLaunch(["a cat"]))).toBe("unrecognized arguments: a cat");
  expect(failure(() => parseLaunch(["-S5"]))).toBe("unrecognized arguments: -S5");
  expect(parseLaunch(["-F", "-p", "-d", "cuda:0", "--no-xformers", "--root=/x", "-conf", "y"])).toEqual({
    fullPrecision: true,
    promptAsDir: true,
    device: "cuda:0",
    xformers: false,
    rootDir: "/x",
    config: "y",
  });
});

test("a value may be left out where that means something", () => {
  expect(parseLaunch(["--preview", "--cors"])).toEqual({ preview: "auto", cors: [] });
  expect(parseLaunch(["--preview", "blocks", "--cors", "a", "b"])).toEqual({ preview: "blocks", cors: ["a", "b"] });
});

test("our own switches make no shortened name of the older programs ambiguous", () => {
  expect(parseLaunch(["--mod", "x", "--prec", "auto"])).toEqual({ model: "x", precision: "auto" });
  expect(parseLaunch(["--pre", "float16", "--mem", "lean"])).toEqual({ precision: "float16", memory: "lean" });
});
