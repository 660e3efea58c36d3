import { describe, expect, test } from "@jest/globals";
import { cellSize, isAnswerComplete, saysKitty, saysSixel, TERMINAL_QUERY } from "../../lib/terminal-images/terminal-answer.js";

const KITTY = "\x1b_Gi=31;OK\x1b\\";
const CELL = "\x1b[6;36;17t";
const ATTRIBUTES = "\x1b[?62;4;22c";

test("one answer tells everything, in any order", () => {
  for (const answer of [KITTY + CELL + ATTRIBUTES, CELL + ATTRIBUTES + KITTY]) {
    expect([saysKitty(answer), saysSixel(answer), cellSize(answer)]).toEqual([true, true, { width: 17, height: 36 }]);
  }
});

test("keys that were typed meanwhile do no harm", () => {
  expect(cellSize(`abc\x1b[A${CELL}q`)).toEqual({ width: 17, height: 36 });
});

test.each(["", "\x1b[6;0;0t", "\x1b[6;36t", "\x1b[6;99999;17t", "\x1b[4;800;600t"])("no size of a letter: %j", (answer) => {
  expect(cellSize(answer)).toBeUndefined();
});

describe("the answer is complete", () => {
  test("with the attributes, which are asked for last", () => {
    expect(TERMINAL_QUERY.endsWith("\x1b[c")).toBe(true);
    expect([KITTY + CELL, KITTY + CELL + ATTRIBUTES].map(isAnswerComplete)).toEqual([false, true]);
  });
  test("when it grows without end", () => expect(isAnswerComplete("x".repeat(5000))).toBe(true));
});
