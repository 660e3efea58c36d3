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
});
