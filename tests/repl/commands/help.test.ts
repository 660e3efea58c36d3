import { expect, test } from "@jest/globals";
import { COMMANDS, findCommand } from "../../../lib/repl/commands/table.js";
import { openSession } from "./open-session.js";

test("the overview names every command once", async () => {
  const { session, said } = await openSession();
  await session.submit("!help");
  for (const { usage, help } of COMMANDS) {
    expect(said("text")).toContain(usage.split("\n")[0]);
    expect(said("text").split(help)).toHaveLength(2);
  }
});

test("explanations stand in one column, also those of long forms", async () => {
  const { session, said } = await openSession();
  await session.submit("!help");
  const starts = COMMANDS.map(({ help }) =>
    said("text")
      .split("\n")
      .find((line) => line.endsWith(help))
      ?.lastIndexOf(help),
  );
  expect(new Set(starts).size).toBe(1);
  expect(said("text")).not.toMatch(/\][a-z]/);
});

test.each(["!help !search", "!help search"])("%p explains one command", async (line) => {
  const { session, said } = await openSession();
  await session.submit(line);
  expect(said("text")).toContain("usage: !search TEXT\n");
});

test("help for what is no command says so", async () => {
  const { session, said } = await openSession();
  expect(await session.submit("!help nonsense")).toBe("failed");
  expect(said("problem")).toBe("** there is no command nonsense; !help lists them");
});

test.each([
  ["!hist", undefined],
  ["!history", "!history"],
  ["!historyx y", "!history"],
  ["!clear", "!clear"],
  ["!12", "!N"],
  ["!N", undefined],
])("%p is the command %p", (line, name) => {
  expect(findCommand(line)?.name).toBe(name);
});
