import { PassThrough } from "node:stream";
import { afterEach } from "@jest/globals";
import type { SessionEvent } from "../../lib/repl/events.js";
import type { Session } from "../../lib/repl/session.js";
import { Terminal, type TerminalOptions } from "../../lib/repl/terminal/terminal.js";
import { TerminalScreen } from "../support/terminal-screen.js";
import { type OpenSession, openSession } from "./commands/open-session.js";

/** A session with a terminal before it: keys go in, a screen comes out. */
export interface OpenTerminal extends Omit<OpenSession, "said"> {
  readonly screen: TerminalScreen;
  readonly terminal: Terminal;
  /** Types, and waits until everything was carried out that needs no time. */
  press(keys: string): Promise<void>;
  /** Waits for a condition. */
  until(condition: () => boolean): Promise<void>;
  /** Ends when the user has left. */
  readonly left: Promise<void>;
}

export interface TerminalSetting {
  readonly columns?: number;
  readonly rows?: number;
  /** Oldest first. */
  readonly history?: readonly string[];
  readonly complete?: TerminalOptions["complete"];
  readonly showPicture?: TerminalOptions["showPicture"];
  readonly drawPreview?: TerminalOptions["drawPreview"];
}

export const keys = {
  enter: "\r",
  up: "\x1b[A",
  left: "\x1b[D",
  home: "\x1b[H",
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 96),
  alt: (letter: string) => `\x1b${letter}`,
  backspace: "\x7f",
  tab: "\t",
  paste: (text: string) => `\x1b[200~${text}\x1b[201~`,
} as const;

const opened: { readonly terminal: Terminal; readonly session: Session }[] = [];
// What still runs would write into folders that are being removed.
afterEach(async () => {
  for (const { terminal, session } of opened.splice(0)) {
    terminal.close();
    session.interrupt();
    await session.submit("q");
  }
});

/** Opens a terminal over a session with a fake engine; the model is loaded. */
export async function openTerminal(setting: TerminalSetting = {}): Promise<OpenTerminal> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const screen = new TerminalScreen(setting.columns, setting.rows);
  const complete = setting.complete ?? (async () => [[], ""]);
  const terminal = new Terminal(input, screen, {
    style: { colour: false, unicode: false },
    history: setting.history ?? [],
    complete,
    showPicture: setting.showPicture ?? (async () => undefined),
    drawPreview: setting.drawPreview,
  });
  const events: SessionEvent[] = [];
  const session = await openSession([], {
    interactive: true,
    livePreviews: setting.drawPreview !== undefined,
    emit: (event) => {
      events.push(event);
      terminal.handle(event);
    },
  });
  opened.push({ terminal, session: session.session });
  const left = terminal.run(session.session);
  const press = async (typed: string) => {
    input.write(typed);
    await settle();
  };
  await settle();
  return { ...session, events, screen, terminal, press, until, left };
}

/** Long enough for everything that waits for nothing outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resume) => setImmediate(resume));
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); ) {
    if (Date.now() > end) throw new Error("it never came");
    await new Promise((resume) => setTimeout(resume, 5));
  }
}
