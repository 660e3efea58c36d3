import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hostileLines } from "../support/hostile-lines.js";
import { readHostileLine } from "../support/read-hostile-line.js";

/* A line is read or refused in one sentence, whatever it holds, and in a moment, however long it is. */

test("whatever a line holds, it is read or refused in one sentence", () => {
  fc.assert(
    fc.property(hostileLines, (line) => {
      readHostileLine(line);
    }),
    { numRuns: 1500 },
  );
});

const LENGTH = 100_000;
const filled = (start: string, piece: string, end = "") =>
  start + piece.repeat(Math.floor((LENGTH - start.length - end.length) / piece.length)) + end;

test.each([
  ["flags", filled("a ", "-x ")],
  ["unknown switches", filled("a ", "-q ")],
  ["unknown long switches", filled("a ", "--zz ")],
  ["a cluster", filled("a -", "gi")],
  ["values", filled("a -c ", "x ")],
  ["quotations", filled("a -o ", '"a"')],
  ["words after a quotation", filled('"a" ', "b ")],
  ["apostrophes after a quotation", filled('"a" ', "' ", "'")],
  ["escapes", filled('"', '\\"', '" -n2')],
  ["an open quotation", filled('"', "\\\\")],
  ["blanks", filled("a", " ", "b -n2")],
  ["dashes", filled("a ", "- ")],
  ["a long int", filled("a -s ", "1")],
  ["a long float", filled("a -C ", "1", "x")],
  ["underscores", filled("a -C ", "1_", "1")],
  ["variations", filled("a -S1 -V ", "1:1,", "2:1")],
  ["open braces", filled("a ", "{")],
  ["open braces of a value", filled("a -s ", "{")],
  ["closed braces", filled("a ", "}")],
  ["braces without a choice", filled("a ", "{a}")],
  ["alternatives", filled("a {", "a|", "}")],
  ["groups of one value", filled("a -s ", "{1..1}")],
  ["groups of two values", filled("a ", "{a|b}")],
  ["a list", filled("a -s {", "1,", "1}")],
  ["words in a brace", filled("a -s {", "1, ", "1}")],
  ["brackets", filled("a ", "([<")],
  ["shell characters", filled("a -o ", "$(`*?")],
  ["marks", filled("a -o ", "x#")],
])("100 kB of %s take less than a fifth of a second", (_what, line) => {
  expect(line.length).toBeGreaterThan(LENGTH - 10);
  // Other programs share the machine, and the compiler warms up: a slow first time is measured again.
  expect(processorTime(line) < 200 || processorTime(line) < 200 || processorTime(line) < 200).toBe(true);
});

/** Milliseconds of the processor, not of the clock. */
function processorTime(line: string): number {
  const started = process.cpuUsage();
  readHostileLine(line);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
