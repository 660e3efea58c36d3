import { expect, test } from "@jest/globals";
import { median } from "./duel.js";
import { markdown } from "./report.js";

test("the median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("one table for every piece that was measured, ratios only for challengers", () => {
  const table = markdown({
    machine: { processor: "P", threads: "2" },
    pieces: {
      "vae-512": [
        { name: "reference", seconds: 5, startSeconds: 1, peakBytes: 2.5e9 },
        { name: "challenger", seconds: 3.25, ratio: 0.65, startSeconds: 1.26, peakBytes: 1e9, difference: 2.6e-5 },
      ],
    },
  });
  expect(table).toContain("processor P · threads 2");
  expect(table).toContain("## VAE decoder, 512×512");
  expect(table).toContain("| reference | 5.00 |  | 1.0 | 2.5 |  |");
  expect(table).toContain("| challenger | 3.25 | 0.65 | 1.3 | 1.0 | 3e-5 |");
  expect(table).not.toContain("step");
});
