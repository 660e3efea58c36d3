import { describe, expect, test } from "@jest/globals";
import { DreamError } from "../../../lib/errors.js";
import { keys, openTerminal } from "../open-terminal.js";

const { enter, up, left, home, ctrl, alt, backspace, tab, paste } = keys;
const HISTORY = ["a red fox -s3", "two cats -s2", "a blue cat -s1"];

describe("keys", () => {
  test.each([
    ["Ctrl-K cuts to the end, Ctrl-Y brings it back", ["abc def", alt("b"), ctrl("k"), home, ctrl("y")], "defabc"],
    ["Ctrl-U cuts to the start", ["abc def", alt("b"), ctrl("u"), ctrl("e"), ctrl("y")], "defabc"],
    ["Ctrl-W cuts the word before", ["abc def", ctrl("w"), home, ctrl("y")], "defabc"],
    ["cuts in a row come back as one", ["a b c", ctrl("w"), ctrl("w"), home, ctrl("y")], "b ca"],
    ["a letter between two cuts parts them", ["a b c", ctrl("w"), "x", ctrl("w"), ctrl("y"), ctrl("y")], "a b xx"],
    ["Alt-Y brings the cut before", ["a b", ctrl("w"), "x", ctrl("w"), ctrl("y"), alt("y")], "a b"],
    ["Ctrl-A and Ctrl-E go to the ends", ["bc", ctrl("a"), "a", ctrl("e"), "d"], "abcd"],
    ["letters go in where the cursor is", ["ac", left, "b"], "abc"],
    ["wide characters", ["猫", left, "a 🐈 "], "a 🐈 猫"],
  ])("%s", async (_what, presses, line) => {
    const { press, screen } = await openTerminal();
    for (const key of presses) await press(key);
    expect(screen.cursorLine).toBe(`dream> ${line}`);
  });

  test("Up brings back the last line", async () => {
    const { press, screen } = await openTerminal({ history: HISTORY });
    await press(up);
    expect(screen.cursorLine).toBe("dream> a blue cat -s1");
  });

  test("a long line wraps and is edited in its first row", async () => {
    const { press, screen } = await openTerminal({ columns: 20 });
    await press("x".repeat(40));
    await press(home);
    await press("a");
    expect(screen.lines.slice(-3)).toEqual([`dream> a${"x".repeat(12)}`, "x".repeat(20), "x".repeat(8)]);
  });

  test("Enter on an empty line asks again", async () => {
    const { press, screen } = await openTerminal();
    await press(enter + enter);
    expect(screen.lines.slice(-3)).toEqual(["dream>", "dream>", "dream>"]);
  });

  test("Ctrl-L leaves the prompt alone on the screen", async () => {
    const { press, screen } = await openTerminal();
    await press("abc");
    await press(ctrl("l"));
    expect(screen.text.endsWith("\ndream> abc") || screen.text === "dream> abc").toBe(true);
    expect(screen.text).not.toContain("Model loaded");
  });
});

describe("Ctrl-R", () => {
  test("finds, Enter runs", async () => {
    const { press, screen, engine, until } = await openTerminal({ history: HISTORY });
    await press(ctrl("r"));
    await press("cat");
    expect(screen.cursorLine).toBe("(reverse-i-search)`cat': a blue cat -s1");
    await press(ctrl("r"));
    expect(screen.cursorLine).toBe("(reverse-i-search)`cat': two cats -s2");
    await press(enter);
    await until(() => engine.jobs.length === 1);
    expect(engine.jobs[0]?.prompt).toBe("two cats");
    expect(screen.text).toContain("\ndream> two cats -s2\n");
  });

  test("Ctrl-S comes back, Backspace widens", async () => {
    const { press, screen } = await openTerminal({ history: HISTORY });
    for (const key of [ctrl("r"), "cat", ctrl("r"), ctrl("s")]) await press(key);
    expect(screen.cursorLine).toBe("(i-search)`cat': a blue cat -s1");
    for (const key of [ctrl("r"), "z", backspace]) await press(key);
    expect(screen.cursorLine).toBe("(reverse-i-search)`cat': two cats -s2");
  });

  test.each([
    ["Ctrl-E", ctrl("e"), "dream> two cats -s2!"],
    ["an arrow", left, "dream> two! cats -s2"],
    ["Ctrl-G", ctrl("g"), "dream> typed!"],
    ["Ctrl-C", ctrl("c"), "dream> typed!"],
  ])("%s ends the search", async (_name, key, line) => {
    const { press, screen } = await openTerminal({ history: HISTORY });
    for (const pressed of ["typed", ctrl("r"), "cats", key, "!"]) await press(pressed);
    expect(screen.cursorLine).toBe(line);
  });

  test("Escape takes the line over", async () => {
    const { press, screen, until } = await openTerminal({ history: HISTORY });
    for (const key of [ctrl("r"), "fox", "\x1b"]) await press(key);
    // readline waits whether more than Escape comes.
    await until(() => screen.cursorLine.startsWith("dream> "));
    await press("!");
    expect(screen.cursorLine).toBe("dream> a red !fox -s3");
  });
});

describe("pasted text", () => {
  test("runs line by line, and what has no line end waits in the buffer", async () => {
    const { press, screen, engine, until } = await openTerminal();
    await press(paste("one -s1\ntwo -s1\r\nthree"));
    await until(() => engine.jobs.length === 2 && screen.text.includes("000002"));
    expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(["one", "two"]);
    expect(screen.cursorLine).toBe("dream> three");
  });

  test("repeats no comment that waited for the one before", async () => {
    const { press, screen } = await openTerminal();
    await press(paste("# one\n# two\nthree"));
    expect(screen.lines.slice(-3)).toEqual(["dream> # one", "dream> # two", "dream> three"]);
  });

  test("goes in at the cursor", async () => {
    const { press, screen } = await openTerminal();
    for (const key of ["ad", left, paste("bc")]) await press(key);
    expect(screen.cursorLine).toBe("dream> abcd");
  });

  test("does nothing to the screen: control characters become blanks, sequences go", async () => {
    const { press, screen } = await openTerminal();
    await press(paste("a\tb\x07c\x1b[2Jd\x9be\x03f"));
    expect(screen.cursorLine).toBe("dream> a b cd e f");
  });

  test("of one megabyte in one line is refused with its length", async () => {
    const { press, screen, until } = await openTerminal();
    await press(paste("x".repeat(1_000_000)));
    await until(() => screen.text.includes("1000000 characters"));
    expect(screen.lines.at(-2)).toMatch(/^\*\* The pasted line has 1000000 characters; at most 100000 are taken/);
    expect(screen.cursorLine).toBe("dream>");
  });

  test("of half a million lines is refused with their number", async () => {
    const { press, screen, until } = await openTerminal();
    await press(paste("a\n".repeat(500_000)));
    await until(() => screen.text.includes("500001 lines"));
    expect(screen.cursorLine).toBe("dream>");
  });

  test("of one megabyte in comment lines leaves a prompt that answers", async () => {
    const { press, screen, until } = await openTerminal();
    const started = performance.now();
    await press(paste(`${`# ${"x".repeat(98)}\n`.repeat(9_999)}here`));
    await until(() => screen.cursorLine === "dream> here");
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("long typed text without marks takes no quadratic time", async () => {
    const { press, screen, until } = await openTerminal();
    const started = performance.now();
    await press("x".repeat(90_000));
    await until(() => screen.cursorLine.startsWith("x"));
    await press(ctrl("u"));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("the terminal is asked for marks and forgets them at the end", async () => {
    const { press, screen, left: gone } = await openTerminal();
    expect(screen.written).toContain("\x1b[?2004h");
    await press(ctrl("d"));
    await gone;
    expect(screen.written.slice(screen.written.lastIndexOf("\x1b[?2004"))).toBe("\x1b[?2004lgoodbye!\n");
  });
});

describe("what commands put into the buffer", () => {
  test("stands there to be edited, the cursor at its end", async () => {
    const { press, screen, until } = await openTerminal();
    await press(`a -S1${enter}!1${enter}`);
    await until(() => screen.cursorLine === "dream> a -S1");
    await press("9");
    expect(screen.cursorLine).toBe("dream> a -S19");
  });

  test("does not take the place of what is being typed", async () => {
    const { press, terminal, screen } = await openTerminal();
    await press("mine");
    terminal.handle({ type: "prefill", line: "theirs" });
    expect(screen.lines.slice(-2)).toEqual(["# theirs", "dream> mine"]);
  });

  test("cannot press Enter or move the cursor", async () => {
    const { terminal, screen, engine } = await openTerminal();
    terminal.handle({ type: "prefill", line: "a\nb\x1b[2Jc" });
    expect(screen.cursorLine).toBe("dream> a b [2Jc");
    expect(engine.jobs).toEqual([]);
  });
});

describe("questions", () => {
  const question = { type: "question", question: { text: "Short name [x]: ", initial: "fo" } } as const;

  test("have a prompt of their own and an answer to begin with; the answer is no line of the history", async () => {
    const { press, screen, session, terminal } = await openTerminal({ history: ["older"] });
    const answers = listen(session);
    terminal.handle(question);
    expect(screen.cursorLine).toBe("Short name [x]: fo");
    await press(`x${enter}`);
    expect(answers).toEqual(["fox"]);
    expect(screen.lines.slice(-2)).toEqual(["Short name [x]: fox", "dream>"]);
    await press(up);
    expect(screen.cursorLine).toBe("dream> older");
  });

  test("an answer that equals the last line leaves that in the history", async () => {
    const { press, screen, session, terminal } = await openTerminal({ history: ["older", "fo"] });
    listen(session);
    terminal.handle(question);
    await press(enter);
    await press(up);
    expect(screen.cursorLine).toBe("dream> fo");
  });

  test.each([
    ["Ctrl-C", [ctrl("c")]],
    ["Ctrl-D", [ctrl("u"), ctrl("d")]],
  ])("%s gives up the dialogue, not the program, and what was typed before comes back", async (_name, presses) => {
    const { press, screen, session, terminal } = await openTerminal();
    const answers = listen(session);
    await press("half a prompt");
    await press(left);
    terminal.handle(question);
    for (const key of presses) await press(key);
    expect(answers).toEqual([undefined]);
    await press("!");
    expect(screen.cursorLine).toBe("dream> half a promp!t");
  });
});

describe("Tab", () => {
  const names = ["alpha", "alphabet", "beta"];
  const complete = async (before: string) => {
    const word = before.slice(before.lastIndexOf(" ") + 1);
    return [names.filter((name) => name.startsWith(word)), word] as const satisfies readonly [string[], string];
  };

  test("completes what is clear", async () => {
    const { press, screen } = await openTerminal({ complete });
    await press(`x b${tab}!`);
    expect(screen.cursorLine).toBe("dream> x beta!");
  });

  test("lists everything at once, one a row, and goes as far as it is clear", async () => {
    const { press, screen } = await openTerminal({ complete });
    await press(`x a${tab}`);
    expect(screen.lines.slice(-3)).toEqual(["alpha", "alphabet", "dream> x alpha"]);
  });

  test("leaves what stands behind the cursor", async () => {
    const { press, screen } = await openTerminal({ complete });
    for (const key of ["b end", ctrl("a"), "\x1b[C", tab]) await press(key);
    expect(screen.cursorLine).toBe("dream> beta end");
  });

  test("a source that does not answer keeps no key back for long", async () => {
    const { press, screen, until } = await openTerminal({ complete: () => new Promise(() => {}) });
    await press(`a${tab}bc`);
    await until(() => screen.cursorLine === "dream> abc");
  });

  test("a source that fails says so, and typing goes on", async () => {
    const { press, screen } = await openTerminal({ complete: () => Promise.reject(new Error("no")) });
    await press(`a${tab}b`);
    expect(screen.lines.slice(-2)).toEqual(["** Tab finds nothing: no", "dream> ab"]);
  });
});

describe("the status line", () => {
  const progress = (step: number) => ({ type: "progress", progress: { picture: 1, pictures: 1, step, steps: 20, seconds: step } }) as const;

  test("stands above the prompt and goes with the rest", async () => {
    const { press, terminal, screen } = await openTerminal();
    await press("typing");
    terminal.handle(progress(1));
    expect(screen.lines.slice(-2)).toEqual([expect.stringMatching(/^#\.+ 1\/20 /), "dream> typing"]);
    terminal.handle({ type: "text", text: "told" });
    expect(screen.lines.slice(-3)).toEqual(["told", expect.stringContaining("1/20"), "dream> typing"]);
    terminal.handle({ type: "rest" });
    expect(screen.lines.slice(-2)).toEqual(["told", "dream> typing"]);
  });

  test("is drawn at most ten times a second, and the last state comes", async () => {
    const { terminal, screen, until } = await openTerminal();
    for (let step = 1; step <= 19; step++) terminal.handle(progress(step));
    expect(screen.written.match(/\/20/g)).toHaveLength(1);
    await until(() => screen.text.includes("19/20"));
    expect(screen.written.match(/\/20/g)).toHaveLength(2);
  });

  test.each([8, 12, 20, 37])("never wraps in a window of %d columns, nor after it became so", async (columns) => {
    const { terminal, screen } = await openTerminal({ columns: 80 });
    terminal.handle(progress(3));
    screen.resize(columns);
    expect(screen.lines.at(-2)?.length).toBeLessThan(columns);
    terminal.handle({ type: "rest" });
    expect(screen.cursorLine).toBe("dream>");
  });

  test("is taken out when a line is entered, which stays", async () => {
    const { press, terminal, screen } = await openTerminal({ columns: 30 });
    terminal.handle(progress(3));
    await press(`# ${"x".repeat(50)}`);
    await press(enter);
    expect(screen.lines.slice(-4)).toEqual([`dream> # ${"x".repeat(21)}`, "x".repeat(29), expect.stringContaining("3/20"), "dream>"]);
  });
});

describe("pictures", () => {
  const event = { type: "picture", picture: { path: "x.png", png: new Uint8Array(0) } } as const;

  test("stand above what is told after them", async () => {
    const { terminal, screen, until } = await openTerminal({ showPicture: async () => "(row 1)\n(row 2)\n" });
    terminal.handle(event);
    terminal.handle({ type: "text", text: "Outputs:" });
    await until(() => screen.text.includes("Outputs:"));
    expect(screen.lines.slice(-4)).toEqual(["(row 1)", "(row 2)", "Outputs:", "dream>"]);
  });

  test("that cannot be shown say why", async () => {
    const { terminal, screen, until } = await openTerminal({
      showPicture: () => Promise.reject(new DreamError("image/unreadable", "x.png is empty")),
    });
    terminal.handle(event);
    await until(() => screen.text.includes("cannot be shown: x.png is empty"));
  });

  test("who leaves while one is being drawn sees what was told", async () => {
    const { press, terminal, screen, left: gone } = await openTerminal({ showPicture: () => new Promise(() => {}) });
    terminal.handle(event);
    terminal.handle({ type: "text", text: "Outputs:" });
    await press(`q${enter}`);
    await gone;
    expect(screen.text).toMatch(/Outputs:\ngoodbye!$/);
  });

  test("a finished one is handed over, with its file", async () => {
    const shown: string[] = [];
    const { press, until } = await openTerminal({
      showPicture: async ({ path, png }) => {
        shown.push(`${path.slice(-12)} ${Buffer.from(png).toString("latin1", 1, 4)}`);
        return undefined;
      },
    });
    await press(`a -S7 -n2 -s1${enter}`);
    await until(() => shown.length === 2);
    expect(shown[0]).toBe("000001.7.png PNG");
  });
});

describe("leaving", () => {
  test.each([
    ["q", `q${enter}`],
    ["Ctrl-C", ctrl("c")],
    ["Ctrl-D", ctrl("d")],
  ])("%s ends with a farewell", async (_name, key) => {
    const { press, screen, left: gone } = await openTerminal();
    await press(key);
    await gone;
    expect(screen.lines.at(-1)).toBe("goodbye!");
  });

  test("Ctrl-C stops a picture, a second one leaves at once", async () => {
    const { press, screen, engine, until, left: gone } = await openTerminal();
    engine.stepMilliseconds = 50;
    await press(`long -s1000${enter}`);
    await until(() => engine.jobs.length === 1);
    await press(ctrl("c"));
    expect(screen.text).toContain("Stopping after this step");
    await press(ctrl("c"));
    await gone;
    expect(screen.lines.at(-1)).toBe("goodbye!");
  });

  test("Ctrl-D while pictures are made waits for them", async () => {
    const { press, screen, engine, until, left: gone } = await openTerminal();
    engine.stepMilliseconds = 2;
    await press(`one -s10 -S1${enter}two -s10 -S2${enter}`);
    await until(() => engine.jobs.length === 1);
    await press(ctrl("d"));
    await press(`never${enter}`);
    await gone;
    expect(engine.jobs.map(({ prompt }) => prompt)).toEqual(["one", "two"]);
    expect(screen.text).toMatch(/000002\.2\.png[\s\S]*goodbye!$/);
  });
});

/** Makes the session wait for answers, and collects them. */
function listen(session: { answer(text: string | undefined): void; interrupt(): string }): (string | undefined)[] {
  const answers: (string | undefined)[] = [];
  Object.defineProperty(session, "asking", { value: true });
  session.answer = (text) => {
    answers.push(text);
  };
  session.interrupt = () => {
    answers.push(undefined);
    return "stopping";
  };
  return answers;
}
