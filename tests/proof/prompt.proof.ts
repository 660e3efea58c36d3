import fc from "fast-check";
import { hostilePrompts } from "../support/hostile-prompts.js";
import { processorTime } from "../support/processor-time.js";
import { readHostilePrompt } from "../support/read-hostile-prompt.js";

/* Claim: for twenty seconds of hostile prompts every one can be drawn, and none takes longer than 200 ms of processor time to read. */
const SECONDS = 20;
const LIMIT_MS = 200;
const BATCH = 1000;

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
