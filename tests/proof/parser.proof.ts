import fc from "fast-check";
import { hostileLines } from "../support/hostile-lines.js";
import { readHostileLine } from "../support/read-hostile-line.js";

/*
 * Claim: for a minute of hostile lines the reader of prompt lines throws nothing but its own sentences, and no line takes longer than
 * 200 ms of processor time.
 */
const SECONDS = 60;
const LIMIT_MS = 200;
const BATCH = 2000;

let lines = 0;
let refused = 0;
let slowest = 0;
const started = performance.now();
while (performance.now() - started < SECONDS * 1000) {
  fc.assert(
    fc.property(hostileLines, (line) => {
      const before = process.cpuUsage();
      if (readHostileLine(line) !== undefined) refused++;
      const { user, system } = process.cpuUsage(before);
      const milliseconds = (user + system) / 1000;
      slowest = Math.max(slowest, milliseconds);
      lines++;
      if (milliseconds > LIMIT_MS) throw new Error(`${milliseconds.toFixed(0)} ms for ${JSON.stringify(line.slice(0, 200))}`);
    }),
    { numRuns: BATCH },
  );
}
console.log(`${lines} lines in ${SECONDS} s, ${refused} refused, the slowest took ${slowest.toFixed(1)} ms`);
