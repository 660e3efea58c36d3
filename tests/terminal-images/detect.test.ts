import { describe, expect, test } from "@jest/globals";
import { detectPictureProtocol, detectTextColours, type Environment } from "../../lib/terminal-images/detect.js";

const xterm = { TERM: "xterm-256color" };
const ATTRIBUTES_WITH_SIXEL = "\x1b[?62;4;22c";
const ATTRIBUTES_WITHOUT = "\x1b[?62;22c";
const KITTY_OK = "\x1b_Gi=31;OK\x1b\\";

const environments: readonly (readonly [string, Environment, string])[] = [
  ["kitty", { TERM: "xterm-kitty", KITTY_WINDOW_ID: "1" }, "kitty"],
  ["kitty under another name", { ...xterm, KITTY_WINDOW_ID: "1" }, "kitty"],
  ["Ghostty", { TERM: "xterm-ghostty", TERM_PROGRAM: "ghostty" }, "kitty"],
  ["iTerm2", { ...xterm, TERM_PROGRAM: "iTerm.app" }, "iterm"],
  ["iTerm2 through ssh", { ...xterm, LC_TERMINAL: "iTerm2" }, "iterm"],
  ["WezTerm", { ...xterm, TERM_PROGRAM: "WezTerm", WEZTERM_PANE: "0" }, "iterm"],
  ["mintty", { TERM: "xterm", TERM_PROGRAM: "mintty" }, "iterm"],
  ["Konsole", { ...xterm, KONSOLE_VERSION: "240800" }, "kitty"],
  ["an old Konsole", { ...xterm, KONSOLE_VERSION: "211203" }, "none"],
  ["foot", { TERM: "foot" }, "sixel"],
  ["mlterm", { TERM: "mlterm-256color" }, "sixel"],
  ["foot started from kitty", { TERM: "foot", KITTY_WINDOW_ID: "1" }, "sixel"],
  ["the editor's terminal started from kitty", { ...xterm, TERM_PROGRAM: "vscode", KITTY_WINDOW_ID: "1" }, "none"],
  ["Apple's terminal", { ...xterm, TERM_PROGRAM: "Apple_Terminal" }, "none"],
  ["GNOME's terminal", { ...xterm, VTE_VERSION: "7600" }, "none"],
  ["Windows Terminal", { WT_SESSION: "x" }, "none"],
  ["xterm", { TERM: "xterm" }, "none"],
  ["the Linux console", { TERM: "linux" }, "none"],
  ["no terminal", {}, "none"],
  ["a dumb one inside kitty", { TERM: "dumb", KITTY_WINDOW_ID: "1" }, "none"],
  ["tmux inside kitty", { TERM: "tmux-256color", KITTY_WINDOW_ID: "1", TMUX: "/tmp/tmux" }, "none"],
  ["screen inside iTerm2", { TERM: "screen", TERM_PROGRAM: "iTerm.app", STY: "1" }, "none"],
];

test.each(environments)("%s", (_, environment, protocol) => expect(detectPictureProtocol(environment)).toBe(protocol));

describe("the terminal's answer", () => {
  test.each<readonly [string, Environment, string, string]>([
    ["an xterm with sixel", xterm, ATTRIBUTES_WITH_SIXEL, "sixel"],
    ["an xterm without", xterm, ATTRIBUTES_WITHOUT, "none"],
    ["class 4 is no attribute 4", xterm, "\x1b[?4;6c", "none"],
    ["attribute 42 is no attribute 4", xterm, "\x1b[?62;42c", "none"],
    ["an unknown terminal that knows kitty's protocol", xterm, KITTY_OK + ATTRIBUTES_WITH_SIXEL, "kitty"],
    ["one that refuses kitty's protocol", xterm, `\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\${ATTRIBUTES_WITHOUT}`, "none"],
    ["the editor's terminal with pictures switched on", { TERM_PROGRAM: "vscode" }, ATTRIBUTES_WITH_SIXEL, "sixel"],
    ["iTerm2 has a better way than sixel", { TERM_PROGRAM: "iTerm.app" }, ATTRIBUTES_WITH_SIXEL, "iterm"],
    ["tmux with sixel", { TERM: "tmux-256color", TMUX: "x" }, ATTRIBUTES_WITH_SIXEL, "sixel"],
    ["tmux that hands kitty's answer through", { TERM: "tmux-256color", TMUX: "x" }, KITTY_OK + ATTRIBUTES_WITHOUT, "none"],
    ["nonsense", xterm, "\x1b[?", "none"],
  ])("%s", (_, environment, answer, protocol) => expect(detectPictureProtocol(environment, answer)).toBe(protocol));

  test("a very long one is read at its beginning only", () => {
    const started = Date.now();
    expect(detectPictureProtocol(xterm, `${"\x1b_G\x1b[?1;".repeat(1_000_000)}${ATTRIBUTES_WITH_SIXEL}`)).toBe("none");
    expect(Date.now() - started).toBeLessThan(1000);
  });
});

test.each<readonly [Environment, string]>([
  [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "24bit"],
  [{ TERM: "xterm-direct" }, "24bit"],
  [{ TERM: "xterm-kitty" }, "24bit"],
  [{ WT_SESSION: "x" }, "24bit"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }, "24bit"],
  [{ TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" }, "256"],
  [{ TERM: "screen-256color" }, "256"],
  [{ TERM: "xterm" }, "none"],
  [{ TERM: "dumb", COLORTERM: "truecolor" }, "none"],
  [{ TERM: "xterm-256color", COLORTERM: "truecolor", NO_COLOR: "1" }, "none"],
  [{}, "none"],
])("colours of letters: %j have %s", (environment, colours) => expect(detectTextColours(environment)).toBe(colours));
