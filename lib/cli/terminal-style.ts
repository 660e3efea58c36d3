import type { TerminalStyle } from "../repl/terminal.js";

/** Colour unless NO_COLOR is set or the terminal is dumb; block characters when the locale is UTF-8 (Windows' terminal always is). */
export function terminalStyle(environment: NodeJS.ProcessEnv): TerminalStyle {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return {
    colour: !environment.NO_COLOR && environment.TERM !== "dumb",
    unicode: process.platform === "win32" || /utf-?8/i.test(locale),
  };
}
