import { describe, expect, test } from "@jest/globals";
import { parseLine } from "../../lib/options/read.js";
import { announceSweep, expandSweeps, recordedLine } from "../../lib/options/sweep.js";
import { thrown } from "../support/thrown.js";

const lines = (line: string) => expandSweeps(line).lines.map(({ line: concrete }) => concrete);

describe("switches with numbers or a choice", () => {
  test.each([
    ["a -C{5,7.5,10}", ["a -C5", "a -C7.5", "a -C10"]],
    ["a -C {5,7.5} -n2", ["a -C 5 -n2", "a -C 7.5 -n2"]],
    ["a --cfg_scale={5,7.5}", ["a --cfg_scale=5", "a --cfg_scale=7.5"]],
    ["a -C {5, 7.5} -n2", ["a -C 5 -n2", "a -C 7.5 -n2"]],
    ["a -gs{5,6}", ["a -gs5", "a -gs6"]],
    ["a -s{10..50..10}", ["a -s10", "a -s20", "a -s30", "a -s40", "a -s50"]],
    ["a -s{10..12}", ["a -s10", "a -s11", "a -s12"]],
    ["a -s{12..10}", ["a -s12", "a -s11", "a -s10"]],
    ["a -s{10..15..2}", ["a -s10", "a -s12", "a -s14"]],
    ["a -v{0.1..0.4..0.1}", ["a -v0.1", "a -v0.2", "a -v0.3", "a -v0.4"]],
    ["a -v{.5..0..-.25}", ["a -v0.5", "a -v0.25", "a -v0"]],
    ["a -C{5..10..2.5}", ["a -C5", "a -C7.5", "a -C10"]],
    ["a -S {-2..-1}", ["a -S -2", "a -S -1"]],
    ["a -s{1..3,7}", ["a -s1", "a -s2", "a -s3", "a -s7"]],
    ["a -A{k_euler,ddim}", ["a -Ak_euler", "a -Addim"]],
    ["a -U {2,4} 0.5", ["a -U 2 0.5", "a -U 4 0.5"]],
    ["-s{5,6} --prompt '{x|y}'", ["-s5 --prompt 'x'", "-s5 --prompt 'y'", "-s6 --prompt 'x'", "-s6 --prompt 'y'"]],
    ['"a cat" in a dog\'s hat -s{5,6}', ['"a cat" in a dog\'s hat -s5', '"a cat" in a dog\'s hat -s6']],
  ])("%s", (line, expected) => {
    expect(lines(line)).toEqual(expected);
  });
});

describe("alternatives in the prompt", () => {
  test.each([
    ["a {red|green} cat", ["a red cat", "a green cat"]],
    ['"a {red|dark green} cat" -n2', ['"a red cat" -n2', '"a dark green cat" -n2']],
    ["a {|big} cat", ["a  cat", "a big cat"]],
    ["{a|b}{c|d}", ["ac", "ad", "bc", "bd"]],
    ["{a|{b|c}}", ["{a|b}", "{a|c}"]],
    ["{a\\}b|c}", ["a}b", "c"]],
  ])("%s", (line, expected) => {
    expect(lines(line)).toEqual(expected);
  });
});

test("the cross product runs in written order, the last group fastest, and every line has its labels", () => {
  const sweep = expandSweeps("a {red|blue} cat -C{5,7} -A{ddim,plms}");
  expect(sweep.axes).toEqual([
    { name: "prompt", values: ["red", "blue"] },
    { name: "-C", values: ["5", "7"] },
    { name: "-A", values: ["ddim", "plms"] },
  ]);
  expect(sweep.lines).toHaveLength(8);
  expect(sweep.lines[1]).toEqual({
    line: "a red cat -C5 -Aplms",
    labels: [
      ["prompt", "red"],
      ["-C", "5"],
      ["-A", "plms"],
    ],
  });
  expect(sweep.lines[7]?.line).toBe("a blue cat -C7 -Aplms");
  expect(announceSweep(sweep)).toBe(">> 8 pictures: 2 × prompt, 2 × -C, 2 × -A");
});

describe("braces that are no group stay", () => {
  test.each([
    ["a {x} cat", "a {x} cat"],
    ["a {x, y} cat {1..3}", "a {x, y} cat {1..3}"],
    ["a {x|y cat", "a {x|y cat"],
    ["a x|y} cat", "a x|y} cat"],
    ["a \\{x|y\\} cat", "a {x|y} cat"],
    ["a \\{x|y} cat \\n", "a {x|y} cat \\n"],
    ["a --fnformat {prefix|seed}.{a,b}.png", "a --fnformat {prefix|seed}.{a,b}.png"],
    ["a -o {x,y}", "a -o {x,y}"],
    ["a -V {1,2}", "a -V {1,2}"],
    ["a -n2 # -s{5,6}", "a -n2 # -s{5,6}"],
    ["a -C{5}", "a -C{5}"],
    ["  a cat ", "a cat"],
    ["", ""],
  ])("%s", (line, expected) => {
    expect(expandSweeps(line)).toEqual({ axes: [], lines: [{ line: expected, labels: [] }] });
  });

  test("a pair of backslashes protects nothing", () => {
    expect(lines("a \\\\{x|y}")).toEqual(["a \\\\x", "a \\\\y"]);
  });
});

test.each([
  ['"a \\{x|y\\} cat" -n2', '"a {x|y} cat" -n2'],
  ['"a {x|y} cat" -n2', '"a {x|y} cat" -n2'],
  ['"a \\{x\\} cat" -s{5,6}', '"a \\{x\\} cat" -s{5,6}'],
])("recorded for one picture, %s is %s", (line, expected) => {
  expect(recordedLine(line)).toBe(expected);
});

describe("what makes no sense is said", () => {
  test.each([
    ["a -s{10..50..-10}", "the range {10..50..-10} of -s never reaches 50; its step must be positive"],
    ["a -s{50..10..10}", "the range {50..10..10} of -s never reaches 10; its step must be negative"],
    ["a -s{1..5..0}", "the range {1..5..0} of -s has the step 0"],
    ["a -s{1..x}", "the range {1..x} of -s needs two or three numbers, such as {10..50} or {10..50..10}"],
    ["a -s{1..2..3..4}", "the range {1..2..3..4} of -s needs two or three numbers, such as {10..50} or {10..50..10}"],
    ["a -s{..5}", "the range {..5} of -s needs two or three numbers, such as {10..50} or {10..50..10}"],
    ["a -s{5,,6}", "the list {5,,6} of -s holds an empty value"],
    ["a -s{1..1001}", "the range {1..1001} of -s has 1001 values; a sweep makes at most 1000 lines"],
    ["a -v{0..1..0.0000000001}", "the range {0..1..0.0000000001} of -v has 10000000001 values; a sweep makes at most 1000 lines"],
    ["a -s{1..40} -C{2..41}", "The sweep makes 1600 pictures; at most 1000 are made from one line"],
    [`a${" x".repeat(20_000)} -s{1..1000}`, "The line is too long for a sweep of 1000 pictures"],
    ['"a {x|y}', 'No closing quotation; add the missing "'],
  ])("%s", (line, message) => {
    expect(thrown(() => expandSweeps(line))).toMatchObject({ code: "usage/line", message });
  });

  test("a value that its switch does not take is told when the line is read", () => {
    const [first] = lines("a -A{k_magic,ddim}");
    expect(thrown(() => parseLine(first as string)).message).toContain("invalid choice: 'k_magic'");
  });
});
