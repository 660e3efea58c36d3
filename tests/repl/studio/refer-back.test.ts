import { expect, test } from "@jest/globals";
import { parseLine } from "../../../lib/options/read.js";
import { referBack } from "../../../lib/repl/studio/refer-back.js";
import { thrown } from "../../support/thrown.js";

const last = [{ seed: 5, path: "one.png" }, { seed: 6, path: "two.png" }, { seed: 7 }];
const refer = (line: string) => referBack(parseLine(line), last);

test.each([
  ["a -S-1", { seed: 7 }, [">> Reusing previous seed 7"]],
  ["a -S-3 -I-2", { seed: 5, initImg: "two.png" }, [">> Reusing previous seed 5", ">> Reusing previous image two.png"]],
  ["a -I -3", { initImg: "one.png" }, [">> Reusing previous image one.png"]],
  ["a -S3 -I x.png", { seed: 3, initImg: "x.png" }, []],
])("%s", (line, expected, notices) => {
  const back = refer(line);
  expect(back.parsed).toMatchObject(expected);
  expect(back.notices).toEqual(notices);
});

test.each([
  ["a -S-4", "No previous seed at position -4 found"],
  // A picture in a grid has no file.
  ["a -I-1", "No previous initial image at position -1 found"],
  ["a -I-4", "No previous initial image at position -4 found"],
  ["a -I-0", "No previous initial image at position -0 found"],
])("%s is refused", (line, sentence) => {
  expect(thrown(() => refer(line)).message).toBe(sentence);
});
