import { expect, test } from "@jest/globals";
import { KillRing } from "../../../lib/repl/terminal/kill-ring.js";

test("the last cut comes back, then the ones before it, then the last again", () => {
  const ring = new KillRing();
  for (const text of ["one", "two", "three"]) ring.kill(text, "no");
  expect([ring.yank(), ring.yankOlder(), ring.yankOlder(), ring.yankOlder()]).toEqual(["three", "two", "one", "three"]);
});

test("cuts in a row are one text", () => {
  const ring = new KillRing();
  ring.kill("b", "no");
  ring.kill("a ", "before");
  ring.kill(" c", "behind");
  expect(ring.yank()).toBe("a b c");
});

test("an empty ring gives nothing", () => {
  const ring = new KillRing();
  ring.kill("", "no");
  expect([ring.yank(), ring.yankOlder()]).toEqual(["", ""]);
});
