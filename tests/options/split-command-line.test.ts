import { expect, test } from "@jest/globals";
import { parseLine } from "../../lib/options/read.js";
import { splitCommandLine } from "../../lib/options/split-command-line.js";
import { thrown } from "../support/thrown.js";

/* words | words of the program | prompt and switches of the line */
test.each<[string[], string[], object | undefined]>([
  [[], [], undefined],
  [["-s", "20", "--model", "crayon"], ["-s", "20", "--model", "crayon"], undefined],
  [["a red circle", "-s", "20"], [], { prompt: "a red circle", steps: 20 }],
  [["a", "red", "circle", "-S5"], [], { prompt: "a red circle", seed: 5 }],
  [["-S", "5", "a cat", "-n2"], [], { prompt: "a cat", seed: 5, iterations: 2 }],
  [["-s20", "a cat", "--model", "crayon", "-I", "-1"], ["--model=crayon"], { prompt: "a cat", steps: 20, initImg: "-1" }],
  [["a", "-o", "/tmp/x", "--outdir=y z"], ["-o=/tmp/x", "-o=y z"], { prompt: "a" }],
  [["--prompt", "a cat", "-S1"], [], { prompt: "a cat", seed: 1 }],
  [["--", "-strange prompt", "--x"], [], { prompt: "-strange prompt --x" }],
  [["-S1", "--", "--se", "b"], [], { prompt: "--se b", seed: 1 }],
  [["5'10\" \\ tall", "-s1"], [], { prompt: "5'10\" \\ tall", steps: 1 }],
  [["a cat -s20"], [], { prompt: "a cat -s20" }],
  [["q"], [], { prompt: "q" }],
  [["a", "-tm", "a cat's ear", "-.5"], [], { prompt: "a", textMask: ["a cat's ear", "-.5"] }],
  [["a", "-M", "#1 C:\\x.png"], [], { prompt: "a", initMask: "#1 C:\\x.png" }],
  [["a", "-U", "2", "0.5", "-pgn4"], ["-p"], { prompt: "a", upscale: [2, 0.5], grid: true, iterations: 4 }],
  [["a", "--no-grid", "--no-xformers"], ["--no-xformers"], { prompt: "a", grid: false }],
  [["wow!"], [], { prompt: "wow!" }],
  [["a", "!b"], [], { prompt: "a !b" }],
])("%j", (words, launchWords, line) => {
  const split = splitCommandLine(words);
  expect(split.launchWords).toEqual(launchWords);
  expect(split.line === undefined ? undefined : parseLine(split.line)).toEqual(line);
});

test.each<[string, string[], string[], object | undefined]>([
  ["-V", ["-V"], ["-V"], undefined],
  ["-V with a prompt", ["a", "-S1", "-V", "3:0.1"], [], { prompt: "a", seed: 1, withVariations: "3:0.1" }],
  ["-F", ["-F"], ["-F"], undefined],
  ["-F with a prompt", ["-F", "a"], [], { prompt: "a", fit: true }],
  ["-c", ["-c", "x.yaml"], ["-c", "x.yaml"], undefined],
  ["-c with a prompt", ["a", "-c", "top", "64"], [], { prompt: "a", outcrop: ["top", "64"] }],
  ["-T", ["-T", "a"], [], { prompt: "a", fit: true }],
  ["-t and -g", ["a", "-tg"], [], { prompt: "a", logTokenization: true, grid: true }],
  ["-d, which lines lack", ["a", "-d", "cpu"], ["-d=cpu"], { prompt: "a" }],
  ["--config, in full", ["a", "--config", "x.yaml"], ["--config=x.yaml"], { prompt: "a" }],
  ["shortened names are those of a line", ["a", "--co", "0.5"], [], { prompt: "a", codeformerFidelity: 0.5 }],
])("with a prompt, letters mean what they mean on a line: %s", (_, words, launchWords, line) => {
  const split = splitCommandLine(words);
  expect(split.launchWords).toEqual(launchWords);
  expect(split.line === undefined ? undefined : parseLine(split.line)).toEqual(line);
});

test.each<[string[], string[], string]>([
  [["!models"], [], "!models"],
  [["--model", "x", "!fetch", "my file.png", "-U", "2"], ["--model", "x"], "!fetch 'my file.png' -U 2"],
  [["!import_model x --name y", "-c"], [], "!import_model x --name y -c"],
  [["-s1", "--", "!models"], ["-s1"], "!models"],
])("%j is a command with all that follows", (words, launchWords, line) => {
  expect(splitCommandLine(words)).toEqual({ launchWords, line });
});

test.each<[string[], string]>([
  [["a", "--nonsense"], "unrecognized arguments: --nonsense"],
  [["--modle", "crayon"], "unrecognized arguments: --modle"],
  [["a", "-S"], "argument -S/--seed: expected one argument"],
  [["a", "--se", "1"], "ambiguous option: --se could match --seed, --seamless, --seamless_axes"],
  [["-c", "x.yaml", "a cat"], "unrecognized arguments: a cat; a prompt goes before such switches, or behind --"],
])("%j is refused", (words, message) => {
  const error = thrown(() => splitCommandLine(words));
  expect(error).toMatchObject({ code: "usage/launch", message: expect.stringContaining(message) });
});

test("--help and --version with a prompt are the program's", () => {
  expect(splitCommandLine(["a", "-h"]).launchWords).toEqual(["-h"]);
  expect(splitCommandLine(["a", "--version"]).launchWords).toEqual(["--version"]);
});
