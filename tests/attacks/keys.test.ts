import { expect, test } from "@jest/globals";
import { keys, openTerminal } from "../repl/open-terminal.js";

/** Beginnings of everything that the keyboard or a hostile paste can send. */
const PIECES = [
  "\x1b[200~",
  "\x1b[201~",
  "\x1b[A",
  "\x1b[1;5D",
  "\x1b_G",
  "\x1b\\",
  "\x1b[?62;",
  "\x1b[6;",
  "\x1b",
  "\r",
  "\n",
  "\t",
  "\x7f",
  "\x12",
  "\x13",
  "\x07",
  "\x0b",
  "\x19",
  "\x17",
  "\x1by",
  "\x1f",
  "\x0c",
  "# a",
  "猫",
  "🐈",
  "\u0301",
  "\x9b",
  "\ud800",
  " ",
  '-I"',
];

test.each(Array.from({ length: 8 }, (_, seed) => seed + 1))("any order of keys leaves a prompt that answers (%d)", async (seed) => {
  const { press, screen, until } = await openTerminal({
    columns: 20 + seed * 8,
    history: ["one 猫", "two\tthree"],
    complete: async (before) => [[`${before.slice(-1)}x`, `${before.slice(-1)}y`], before.slice(-1)],
  });
  let state = seed;
  const random = () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  for (let i = 0; i < 300; i++) await press(Array.from({ length: (random() % 4) + 1 }, () => PIECES[random() % PIECES.length]).join(""));
  // Ends a paste, an escape sequence that readline still waits for, and a search.
  await press("\x1b[201~");
  await new Promise((resume) => setTimeout(resume, 600));
  await press(keys.ctrl("g"));
  await press(`${keys.ctrl("e")}${keys.ctrl("u")}`);
  await press("# still here");
  await until(() => screen.cursorLine === "dream> # still here");
  expect(screen.text).not.toContain("internal error");
});
