import { describe, expect, test } from "@jest/globals";
import { parseLaunch, parseLine } from "../../lib/options/read.js";
import { resolveLine } from "../../lib/options/resolve.js";
import { thrown } from "../support/thrown.js";

const resolve = (line: string, launch: readonly string[] = []) =>
  resolveLine(parseLine(line), parseLaunch(launch), { width: 512, height: 512 });
const begun = (line: string, launch: readonly string[] = []) => {
  const { initImg, fit, strength } = resolve(line, launch).settings;
  return { initImg, fit, strength };
};

test.each([
  ["a -I x.png", [], { initImg: "x.png", fit: false, strength: 0.75 }],
  ["a -Ix.png -f.5 -F", [], { initImg: "x.png", fit: true, strength: 0.5 }],
  ["a -I x.png -f 0", [], { initImg: "x.png", fit: false, strength: 0 }],
  ["a -I x.png -f 1", [], { initImg: "x.png", fit: false, strength: 1 }],
  ["a -I x.png", ["-f.3", "--fit"], { initImg: "x.png", fit: true, strength: 0.3 }],
  ["a -I x.png -f.4 --no-fit", ["-f.3", "--fit"], { initImg: "x.png", fit: false, strength: 0.4 }],
  ["a", ["-f.3", "--fit"], {}],
  ["a -f.3", [], {}],
  ['a -I ""', [], {}],
])("%s with the launch switches %j", (line, launch, expected) => {
  expect(begun(line, launch)).toEqual({ initImg: undefined, fit: undefined, strength: undefined, ...expected });
});

test("a line may be without a prompt when it has a picture", () => {
  expect(resolve("-I x.png").settings).toMatchObject({ prompt: "", initImg: "x.png" });
  expect(thrown(() => resolve('-I ""')).message).toBe("Try again with a prompt!");
});

test("what changes nothing without a picture is told, unless it is a habit of the launch", () => {
  expect(resolve("a -f.3 --fit").notices).toEqual([
    ">> --fit changes nothing without an initial picture (-I)",
    ">> -f changes nothing without an initial picture (-I) or --hires_fix",
  ]);
  expect(resolve("a", ["-f.3", "--fit"]).notices).toEqual([]);
});

describe("out of range", () => {
  test.each(["1.01", "-0.1", "2"])("-f %s", (strength) => {
    expect(thrown(() => resolve(`a -I x.png -f ${strength}`))).toMatchObject({
      code: "usage/line",
      sentence: "img2img and inpaint strength can only work with 0.0 < strength < 1.0",
    });
  });
});
