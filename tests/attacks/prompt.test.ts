import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { filledPrompts } from "../support/filled-prompts.js";
import { hostilePrompts } from "../support/hostile-prompts.js";
import { processorTime } from "../support/processor-time.js";
import { readHostilePrompt } from "../support/read-hostile-prompt.js";

/* Any text is a prompt that can be drawn, and a megabyte of it is read in a moment. */

test("whatever a prompt holds, it is read", () => {
  fc.assert(
    fc.property(hostilePrompts, (text) => {
      readHostilePrompt(text);
    }),
    { numRuns: 1000 },
  );
});

test.each(filledPrompts(250_000))("a quarter of a megabyte of %s takes less than two seconds", (_what, text) => {
  const time = () => processorTime(() => parsePrompt(text, { skipNormalize: false }));
  // Other programs share the machine, and the compiler warms up: a slow first time is measured again.
  expect(time() < 2000 || time() < 2000).toBe(true);
});
