import { expect, test } from "@jest/globals";
import { EmbeddingSum } from "../../lib/conditioning/join-embeddings.js";

test("a sum of embeddings, each with its factor, divided at the end", () => {
  const sum = new EmbeddingSum();
  sum.add(Float32Array.of(1, 2), 3);
  sum.add(Float32Array.of(-1, 0.5), 1);
  expect([...sum.result(4)]).toEqual([0.5, 1.625]);
});

test("large and small shares are added in double precision", () => {
  const sum = new EmbeddingSum();
  sum.add(Float32Array.of(1), 1e8);
  sum.add(Float32Array.of(1), 1);
  sum.add(Float32Array.of(1), -1e8);
  expect([...sum.result()]).toEqual([1]);
});
