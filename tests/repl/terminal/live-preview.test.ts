import { describe, expect, test } from "@jest/globals";
import type { RgbPicture } from "../../../lib/images/pixels/encode-png.js";
import type { DrawPreview } from "../../../lib/repl/terminal/show-pictures.js";
import { keys, type OpenTerminal, openTerminal, type TerminalSetting } from "../open-terminal.js";

const { enter, ctrl } = keys;

/** Four rows of the letter whose code is the first level. */
const drawPreview: DrawPreview = async ({ rgb }) => `${String.fromCharCode(rgb[0]!).repeat(8)}\n`.repeat(4);
const rowsOf = (letter: string) => Array.from({ length: 4 }, () => letter.repeat(8));
const preview = (letter: string) =>
  ({ type: "preview", preview: { width: 1, height: 1, rgb: Uint8Array.of(letter.charCodeAt(0), 0, 0), span: 8 } }) as const;
const progress = (step: number) => ({ type: "progress", progress: { picture: 1, pictures: 1, step, steps: 20, seconds: step } }) as const;
const bar = (step: number) => expect.stringContaining(` ${step}/20 `);

/** A terminal on which a preview of A stands. */
async function open(setting: TerminalSetting = {}): Promise<OpenTerminal> {
  const opened = await openTerminal({ drawPreview, ...setting });
  opened.terminal.handle(progress(1));
  opened.terminal.handle(preview("A"));
  await opened.until(() => opened.screen.text.includes("AAAAAAAA"));
  return opened;
}

describe("a preview", () => {
  test("stands above the status line, and the next one takes its place", async () => {
    const { terminal, screen, until, press } = await open();
    const above = screen.lines.slice(0, -6);
    expect(screen.lines.slice(-6)).toEqual([...rowsOf("A"), bar(1), "dream>"]);
    await press("typing");
    terminal.handle(preview("B"));
    await until(() => screen.text.includes("BBBBBBBB"));
    expect(screen.lines).toEqual([...above, ...rowsOf("B"), bar(1), "dream> typing"]);
  });

  test("is not drawn again for every step", async () => {
    const { terminal, screen, until } = await open();
    terminal.handle(progress(2));
    await until(() => screen.text.includes("2/20"));
    expect(screen.lines.slice(-6)).toEqual([...rowsOf("A"), bar(2), "dream>"]);
    expect(screen.written.match(/A{8}/g)).toHaveLength(4);
  });

  test("goes down when something is told", async () => {
    const { terminal, screen } = await open();
    terminal.handle({ type: "text", text: "told" });
    expect(screen.lines.slice(-7)).toEqual(["told", ...rowsOf("A"), bar(1), "dream>"]);
  });

  test("is taken out when a line is entered, which stays", async () => {
    const { screen, press } = await open();
    const above = screen.lines.slice(0, -6);
    await press(`# a comment${enter}`);
    expect(screen.lines).toEqual([...above, "dream> # a comment", ...rowsOf("A"), bar(1), "dream>"]);
  });

  test("comes at most four times a second, and the newest one does", async () => {
    const { terminal, screen, until } = await open();
    for (const letter of "BCD") terminal.handle(preview(letter));
    await until(() => screen.text.includes("DDDDDDDD"));
    expect(screen.written).not.toMatch(/BBBB|CCCC/);
  });

  test.each([
    ["nothing is made any more", { type: "rest" }],
    ["the next picture begins", progress(0)],
    ["a model is loaded", { type: "loading", stage: "unet" }],
  ] as const)("goes when %s", async (_when, event) => {
    const { terminal, screen, until, press } = await open();
    await press("typing");
    terminal.handle(event);
    await until(() => !screen.text.includes("AAAAAAAA"));
    expect(screen.cursorLine).toBe("dream> typing");
  });

  test("gives its place to the finished picture", async () => {
    const { terminal, screen, until } = await open({ showPicture: async () => "(picture)\n" });
    const above = screen.lines.slice(0, -6);
    terminal.handle({ type: "picture", picture: { path: "x.png", png: new Uint8Array(0) } });
    await until(() => screen.text.includes("(picture)"));
    expect(screen.lines).toEqual([...above, "(picture)", bar(1), "dream>"]);
  });

  test("that was still being drawn when its picture was done never shows", async () => {
    let finish = (_text: string) => {};
    const slow = (): Promise<string> =>
      new Promise((resolve) => {
        finish = resolve;
      });
    let begun = 0;
    const drawn = { drawPreview: () => (++begun === 1 ? slow() : Promise.resolve("BBBB\n")) };
    const { terminal, screen, until } = await openTerminal(drawn);
    terminal.handle(preview("A"));
    await until(() => begun === 1);
    terminal.handle({ type: "rest" });
    terminal.handle(progress(1));
    terminal.handle(preview("B"));
    finish("AAAA\n");
    await until(() => screen.text.includes("BBBB"));
    expect(screen.written).not.toContain("AAAA");
  });

  test("that cannot be drawn is left out, and the next one comes", async () => {
    let begun = 0;
    const drawn: DrawPreview = (...given) => (++begun === 1 ? Promise.reject(new Error("no")) : drawPreview(...given));
    const { terminal, screen, until } = await openTerminal({ drawPreview: drawn });
    terminal.handle(progress(1));
    terminal.handle(preview("A"));
    await until(() => begun === 1);
    terminal.handle(preview("B"));
    await until(() => screen.text.includes("BBBBBBBB"));
    expect(screen.text).not.toContain("** ");
  });
});

describe("room for a preview", () => {
  test.each([
    [120, 60, 48, 12],
    [80, 24, 48, 12],
    [40, 24, 39, 12],
    [80, 16, 48, 9],
    [80, 11, 48, 4],
  ])("a window of %d×%d gives %d×%d at most", async (columns, rows, mostColumns, mostRows) => {
    const rooms: unknown[] = [];
    const drawn = async (_preview: RgbPicture, room: unknown) => {
      rooms.push(room);
      return "A\n";
    };
    const { terminal, screen, until } = await openTerminal({ columns, rows, drawPreview: drawn });
    terminal.handle(preview("A"));
    await until(() => screen.text.includes("A\n"));
    expect(rooms).toEqual([{ columns: mostColumns, rows: mostRows }]);
  });

  test.each([
    [39, 24],
    [80, 10],
  ])("a window of %d×%d has none", async (columns, rows) => {
    let begun = 0;
    const drawn: DrawPreview = (...given) => {
      begun++;
      return drawPreview(...given);
    };
    const { terminal, screen, until } = await openTerminal({ columns, rows, drawPreview: drawn });
    terminal.handle(preview("A"));
    terminal.handle(progress(1));
    terminal.handle(progress(2));
    await until(() => screen.text.includes("2/20"));
    await new Promise((resume) => setTimeout(resume, 20));
    expect(begun).toBe(0);
    expect(screen.lines.slice(-2)).toEqual([bar(2), "dream>"]);
  });

  test("goes with a narrower window and comes back", async () => {
    const { screen } = await open();
    screen.resize(30);
    expect(screen.lines.slice(-2)).toEqual([bar(1), "dream>"]);
    expect(screen.text).not.toContain("AAAA");
    screen.resize(80);
    expect(screen.lines.slice(-6)).toEqual([...rowsOf("A"), bar(1), "dream>"]);
    expect(screen.text.match(/A{8}/g)).toHaveLength(4);
  });

  test("goes while the typed line needs it", async () => {
    const { screen, press, terminal } = await open({ columns: 40, rows: 13 });
    await press("x".repeat(150));
    terminal.handle({ type: "text", text: "told" });
    expect(screen.text.match(/A{8}/g)).toBeNull();
    expect(screen.lines.slice(-6, -4)).toEqual(["told", bar(1)]);
  });
});

describe("a picture that is drawn", () => {
  test("shows itself growing, and Ctrl-C leaves the typed line alone", async () => {
    const { engine, screen, press, until } = await openTerminal({ drawPreview: async () => "(preview)\n" });
    engine.stepMilliseconds = 20;
    await press(`a -S7 -s900${enter}`);
    await until(() => screen.text.includes("(preview)"));
    await press("b");
    await press(ctrl("c"));
    await until(() => screen.text.includes("**Interrupted**"));
    expect(screen.text).not.toContain("(preview)");
    expect(screen.cursorLine).toBe("dream> b");
  });
});
