import { expect, test } from "@jest/globals";
import { commonStart } from "../../../lib/repl/completion/common-start.js";

test.each([
  [[], ""],
  [["one"], "one"],
  [["alpha", "alphabet", "alps"], "alp"],
  [["a", "b"], ""],
  [["🐈x", "🐉x"], ""],
])("%p begin with %p", (texts, start) => {
  expect(commonStart(texts)).toBe(start);
});
