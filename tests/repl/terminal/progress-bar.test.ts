import { expect, test } from "@jest/globals";
import { displayWidth } from "../../../lib/repl/terminal/display-width.js";
import { ASCII_BAR, clock, progressBar } from "../../../lib/repl/terminal/progress-bar.js";

const progress = { picture: 1, pictures: 1, step: 5, steps: 20, seconds: 10 };

test("steps, pace and time left", () => {
  expect(progressBar(progress, 0, 80, ASCII_BAR)).toBe("######.................. 5/20  2.00 s/it  0:30 left");
  expect(progressBar({ ...progress, seconds: 1 }, 0, 80, ASCII_BAR)).toContain("0.200 s/it");
});

test("which picture, and how many lines wait", () => {
  const bar = progressBar({ ...progress, picture: 2, pictures: 3 }, 2, 80, ASCII_BAR);
  expect(bar).toMatch(/^2\/3 #/);
  expect(bar).toMatch(/\+2 waiting$/);
});

test("before the first step there is no pace, after the last the picture is decoded", () => {
  expect(progressBar({ ...progress, step: 0, seconds: 0 }, 0, 80, ASCII_BAR)).toBe("........................ 0/20");
  expect(progressBar({ ...progress, step: 20 }, 0, 80, ASCII_BAR)).toBe("######################## 20/20  decoding");
});

test.each([1, 10, 30, 50])("never longer than %d columns", (columns) => {
  expect(progressBar(progress, 1, columns, ASCII_BAR).length).toBeLessThanOrEqual(columns);
});

test("clock", () => {
  expect([0, 59.6, 75, 3700].map(clock)).toEqual(["0:00", "1:00", "1:15", "1:01:40"]);
});

test("wide and combining characters", () => {
  expect(displayWidth("ab猫🐈e\u0301")).toBe(7);
});
