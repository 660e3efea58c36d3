import { expect, test } from "@jest/globals";
import { HistorySearch } from "../../../lib/repl/terminal/history-search.js";

const HISTORY = ["a red fox -s30", "a blue cat", "a blue cat", "two red cats -s50", "A Cat"];
const search = (direction: "backward" | "forward" = "backward", last = "") =>
  new HistorySearch(HISTORY, { line: "typed", cursor: 2 }, direction, last);

test("every letter narrows, beginning with the line that is shown", () => {
  const found = search();
  found.narrow("cat");
  expect(found.found).toEqual({ line: "a blue cat", cursor: 7 });
  found.narrow("s -s5");
  expect(found.found).toEqual({ line: "two red cats -s50", cursor: 8 });
  expect(found.prompt).toBe("(reverse-i-search)`cats -s5': ");
});

test("going on passes lines that look the same", () => {
  const found = search();
  found.narrow("cat");
  found.go("backward");
  expect(found.found.line).toBe("two red cats -s50");
});

test("forward comes back", () => {
  const found = search();
  found.narrow("red");
  found.go("backward");
  expect(found.found.line).toBe("two red cats -s50");
  found.go("forward");
  expect(found.found.line).toBe("a red fox -s30");
  expect(found.prompt).toBe("(i-search)`red': ");
});

test("what is not found says so and keeps the last line; widening mends it", () => {
  const found = search();
  found.narrow("fox");
  found.narrow("q");
  expect(found.prompt).toBe("(failed reverse-i-search)`foxq': ");
  expect(found.found.line).toBe("a red fox -s30");
  found.widen();
  expect(found.prompt).toBe("(reverse-i-search)`fox': ");
});

test("widening an empty search changes nothing", () => {
  const found = search();
  found.widen();
  expect(found.found).toEqual({ line: "typed", cursor: 2 });
});

test("capitals count", () => {
  const found = search();
  found.narrow("Cat");
  expect(found.found.line).toBe("A Cat");
});

test("an empty search goes on with the text of the one before", () => {
  const found = search("backward", "blue");
  found.go("backward");
  expect(found.found.line).toBe("a blue cat");
});

test("the oldest line is the end", () => {
  const found = search();
  found.narrow("A Cat");
  found.go("backward");
  expect(found.prompt).toBe("(failed reverse-i-search)`A Cat': ");
  expect(found.found.line).toBe("A Cat");
});
