import { expect, test } from "@jest/globals";
import { openSession } from "./open-session.js";

test("!history numbers the lines from 1 and is not itself among them", async () => {
  const { session, said } = await openSession();
  for (const line of ["a -s1 -W64 -H64", "!history", "b -s1 -W64 -H64", "!history"]) await session.submit(line);
  expect(said("text").split("\n").slice(-2)).toEqual(["[1] a -s1 -W64 -H64", "[2] b -s1 -W64 -H64"]);
});

test("!history of nothing says so", async () => {
  const { session, said } = await openSession();
  await session.submit("!history");
  expect(said("text").split("\n").at(-1)).toBe("<empty history>");
});

test("!search keeps the numbers and minds capitals", async () => {
  const { session, said } = await openSession();
  for (const line of ["# no", "a Cat", "a dog", "a cat", "!search cat"]) await session.submit(line);
  expect(said("text").split("\n").at(-1)).toBe("[3] a cat");
});

test("!clear forgets everything and tells the terminal", async () => {
  const { session, said, events } = await openSession();
  for (const line of ["a", "!clear", "!history"]) await session.submit(line);
  expect(said("text").split("\n").at(-1)).toBe("<empty history>");
  expect(events).toContainEqual({ type: "history-cleared" });
});

test.each(["!1", "!1 and text behind it"])("%p puts the line into the next prompt and does not run it", async (recall) => {
  const { session, engine, events } = await openSession();
  await session.submit("a -S1");
  await session.submit(recall);
  expect(events).toContainEqual({ type: "prefill", line: "a -S1" });
  expect(engine.jobs).toHaveLength(1);
});

test("a number that is not there says so", async () => {
  const { session, said } = await openSession();
  expect(await session.submit("!7")).toBe("failed");
  expect(said("problem")).toBe("** the history has no line 7; !history lists them");
});
