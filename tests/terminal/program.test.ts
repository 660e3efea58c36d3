import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { keys } from "../repl/open-terminal.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { childrenOf, endPrograms, noPseudoTerminal, type RealProgram, startProgram } from "./pseudo-terminal.js";

// Every test starts processes; on a busy machine one start has taken half a minute.
jest.setTimeout(120_000);
afterEach(endPrograms);

const root = await temporaryFolder();
const folder = () => mkdtempSync(join(root, "run-"));
const { up, ctrl, enter, tab, paste } = keys;

const here = noPseudoTerminal === undefined ? describe : describe.skip;

here(`in a pseudo-terminal${noPseudoTerminal === undefined ? "" : ` (skipped: ${noPseudoTerminal})`}`, () => {
  async function ready(place: string, ...switches: string[]): Promise<RealProgram> {
    const program = startProgram(place, ...switches);
    await program.until(({ text, cursorLine }) => text.includes("Awaiting your command") && cursorLine === "dream>");
    return program;
  }
  const pictures = (place: string) => readdirSync(place).filter((name) => name.endsWith(".png"));

  test("a line becomes a picture, Up and Ctrl-R bring it back, q leaves", async () => {
    const place = folder();
    const { press, screen, until, status } = await ready(place);
    press(`a red circle -W64 -H64 -s2 -S1${enter}`);
    await until(({ text, cursorLine }) => text.includes("[1] ") && cursorLine === "dream>");
    press(up);
    await until(({ cursorLine }) => cursorLine === "dream> a red circle -W64 -H64 -s2 -S1");
    press(ctrl("u"));
    press(`${ctrl("r")}circ`);
    await until(({ cursorLine }) => cursorLine === "(reverse-i-search)`circ': a red circle -W64 -H64 -s2 -S1");
    press(`${ctrl("e")}2${enter}`);
    await until(({ text, cursorLine }) => text.includes("[2] ") && cursorLine === "dream>");
    press(`!1${enter}`);
    await until(({ cursorLine }) => cursorLine === "dream> a red circle -W64 -H64 -s2 -S1");
    press(`${ctrl("u")}q${enter}`);
    expect(await status).toBe(0);
    expect(screen.lines.at(-1)).toBe("goodbye!");
    expect(pictures(place)).toEqual(["000001.1.png", "000002.12.png"]);
    expect(readFileSync(join(place, ".dream_history"), "utf8").split("\n").slice(0, 2)).toEqual([
      "a red circle -W64 -H64 -s2 -S1",
      "a red circle -W64 -H64 -s2 -S12",
    ]);
  });

  test("Tab completes glued paths, lists what is open, and completes names with blanks in quotation marks", async () => {
    const place = folder();
    mkdirSync(join(place, "test-pictures"));
    for (const name of ["zebra.jpg", "madonna.png", "man with eagle.png"]) writeFileSync(join(place, "test-pictures", name), "");
    const { press, screen, until } = await ready(place);
    const completes = async (typed: string, shown: string) => {
      press(typed);
      // A busy machine may be too slow for the first Tab; one more on a completed word changes nothing.
      for (let turn = 0; turn < 50; turn++) {
        press(tab);
        await new Promise((resume) => setTimeout(resume, 200));
        if (screen.cursorLine === `dream> ${shown}`) return;
      }
      throw new Error(`${typed} was not completed; the screen shows\n${screen.text}`);
    };
    await completes("zebra -I./te", "zebra -I./test-pictures/");
    press(ctrl("u"));
    await completes("zebra -I./test-pictures/z", "zebra -I./test-pictures/zebra.jpg");
    press(ctrl("u"));
    await completes("!sw", "!switch");
    press(ctrl("u"));
    await completes("a -Ak_h", "a -Ak_heun");
    press(ctrl("u"));
    await completes("a -I./test-pictures/ma", 'a -I"./test-pictures/ma');
    await until(({ text }) => text.includes("man with eagle.png"));
    expect(screen.lines.slice(-3, -1)).toEqual(['-I"./test-pictures/madonna.png"', '-I"./test-pictures/man with eagle.png"']);
    await completes("n", 'a -I"./test-pictures/man with eagle.png"');
  });

  test("pasted lines run one after the other, the last waits in the buffer", async () => {
    const place = folder();
    const { press, until } = await ready(place);
    press(paste("one -W64 -H64 -s1 -S1\rtwo -W64 -H64 -s1 -S2\rthree\x1b[2J"));
    await until(({ text, cursorLine }) => text.includes("[2] ") && cursorLine === "dream> three");
    expect(pictures(place)).toEqual(["000001.1.png", "000002.2.png"]);
  });

  test("Ctrl-C stops a picture and keeps those before it; twice leaves with the engine", async () => {
    const place = folder();
    const { press, screen, until, status, pid } = await ready(place);
    press(`a -W64 -H64 -s1 -S1 -n3${enter}b -W512 -H512 -s500${enter}`);
    await until(({ text }) => /\/500/.test(text));
    const engines = childrenOf(pid());
    press(ctrl("c"));
    await until(({ text, cursorLine }) => text.includes("**Interrupted**") && cursorLine === "dream>");
    press(`c -W512 -H512 -s400${enter}`);
    await until(({ text }) => /\/400/.test(text));
    press(ctrl("c"));
    press(ctrl("c"));
    expect(await status).toBe(0);
    expect(screen.lines.at(-1)).toBe("goodbye!");
    expect(pictures(place)).toHaveLength(3);
    expect(engines).toHaveLength(1);
    expect(() => process.kill(engines[0] as number, 0)).toThrow("ESRCH");
  });

  test("a signal that ends the program leaves the terminal as it was", async () => {
    const { screen, status, pid } = await ready(folder());
    process.kill(pid(), "SIGTERM");
    expect(await status).not.toBe(0);
    expect(screen.written.lastIndexOf("\x1b[?2004l")).toBeGreaterThan(screen.written.lastIndexOf("\x1b[?2004h"));
  });
});
