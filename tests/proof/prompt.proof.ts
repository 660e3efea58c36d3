import fc from "fast-check";
import { parsePrompt } from "../../lib/prompt/parse-prompt.js";
import { filledPrompts } from "../support/filled-prompts.js";
import { hostilePrompts } from "../support/hostile-prompts.js";
import { processorTime } from "../support/processor-time.js";
import { readHostilePrompt } from "../support/read-hostile-prompt.js";

/* Claim: for twenty seconds of hostile prompts every one can be drawn, and none takes longer than 200 ms of processor time to read; a megabyte of
 * whatever is slow to read takes less than two seconds. */
const SECONDS = 60;
const LIMIT_MS = 200;
const BATCH = 1000;
const MEGABYTE = 1_000_000;
const MEGABYTE_LIMIT_MS = 2000;

let prompts = 0;
let refused = 0;
let slowest = 0;
const started = performance.now();
while (performance.now() - started < SECONDS * 1000) {
  fc.assert(
    fc.property(hostilePrompts, (text) => {
      const milliseconds = processorTime(() => {
        refused += readHostilePrompt(text);
      });
      slowest = Math.max(slowest, milliseconds);
      prompts++;
      if (milliseconds > LIMIT_MS) throw new Error(`${milliseconds.toFixed(0)} ms for ${JSON.stringify(text.slice(0, 200))}`);
    }),
    { numRuns: BATCH },
  );
}
console.log(`${prompts} prompts in ${SECONDS} s, ${refused} constructs refused, the slowest took ${slowest.toFixed(1)} ms`);

let longest = 0;
for (const [what, text] of filledPrompts(MEGABYTE)) {
  const milliseconds = processorTime(() => parsePrompt(text, { skipNormalize: false }));
  if (milliseconds > MEGABYTE_LIMIT_MS) throw new Error(`a megabyte of ${what} took ${milliseconds.toFixed(0)} ms`);
  longest = Math.max(longest, milliseconds);
}
console.log(`a megabyte of one thing took ${longest.toFixed(0)} ms at most`);
