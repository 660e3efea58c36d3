import { expect, test } from "@jest/globals";
import { PreviewPace } from "../../lib/pipeline/preview-pace.js";

test.each([
  { seconds: 0.01, cost: 0.001, steps: 50, shown: [] },
  { seconds: 0.125, cost: 0, steps: 30, shown: [8, 16, 24] },
  { seconds: 0.5, cost: 0, steps: 5, shown: [2, 4] },
  { seconds: 1, cost: 0, steps: 3, shown: [1, 2, 3] },
  { seconds: 10, cost: 0.5, steps: 4, shown: [1, 2, 3, 4] },
  // Twenty times what a preview takes lie between two.
  { seconds: 0.5, cost: 0.125, steps: 16, shown: [2, 7, 12] },
  { seconds: 1, cost: 0.5, steps: 30, shown: [1, 11, 21] },
])("$steps steps of $seconds s, $cost s a preview: behind $shown", async ({ seconds, cost, steps, shown }) => {
  let now = 100;
  const pace = new PreviewPace(() => now);
  const made: number[] = [];
  for (let step = 1; step <= steps; step++) {
    now += seconds;
    if (!pace.isDue()) continue;
    await pace.make(async () => {
      now += cost;
      made.push(step);
    });
  }
  expect(made).toEqual(shown);
});
