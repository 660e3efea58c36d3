import { expect, test } from "@jest/globals";
import { swapFeeds } from "../../lib/networks/swap-feeds.js";

test("the edited picture, the last of the batch, takes the original's maps of self-attention", () => {
  const given = (self: boolean, batch: number) => [...(swapFeeds({ self, tokens: Int32Array.of(-1) }, batch).swap_self_source?.data ?? [])];
  expect(given(true, 3)).toEqual([0, 1, 1]);
  expect(given(true, 2)).toEqual([0, 0]);
  expect(given(false, 3)).toEqual([0, 1, 2]);
});

test("a token takes the map of its source, a new one keeps its own", () => {
  const { swap_remap: remap, swap_own: own } = swapFeeds({ self: false, tokens: Int32Array.of(0, -1, 1) }, 3);
  expect(remap).toEqual({ data: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0), shape: [1, 3, 3] });
  expect(own).toEqual({ data: Float32Array.of(0, 1, 0), shape: [3, 1] });
});
