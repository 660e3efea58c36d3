import type { TerminalStyle } from "../repl/terminal/terminal.js";

/** A terminal that knows no cursor movement, such as a shell inside an editor. */
export function isDumb(environment: NodeJS.ProcessEnv): boolean {
  return environment.TERM === "dumb";
}

/** Colour unless NO_COLOR is set or the terminal is dumb; block characters when the locale is UTF-8 (Windows' terminal always is). */
export function terminalStyle(environment: NodeJS.ProcessEnv): TerminalStyle {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return {
    colour: !environment.NO_COLOR && !isDumb(environment),
    unicode: process.platform === "win32" || /utf-?8/i.test(locale),
  };
}
