import { saysKitty, saysSixel } from "./terminal-answer.js";

/** How a terminal takes pictures; "none" takes text only. */
export type PictureProtocol = "kitty" | "iterm" | "sixel" | "none";

/** How many colours letters can have. */
export type TextColours = "24bit" | "256" | "none";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Terminals that are known by a variable, the most telling first: programs hand some of these on to other terminals that they start. */
const KNOWN: readonly (readonly [variable: string, value: RegExp, protocol: PictureProtocol])[] = [
  ["TERM", /^xterm-(?:kitty|ghostty)$/, "kitty"],
  ["TERM", /^(?:foot|mlterm|contour|yaft)/, "sixel"],
  ["TERM_PROGRAM", /^ghostty$/i, "kitty"],
  ["TERM_PROGRAM", /^(?:iTerm\.app|WezTerm|mintty|rio)$/i, "iterm"],
  // Apple's terminal shows none; the editor's shows them only when its owner says so, which its answer tells.
  ["TERM_PROGRAM", /^(?:Apple_Terminal|vscode)$/, "none"],
  ["LC_TERMINAL", /^iTerm2$/, "iterm"],
  ["KITTY_WINDOW_ID", /./, "kitty"],
  ["GHOSTTY_RESOURCES_DIR", /./, "kitty"],
  ["WEZTERM_PANE", /./, "iterm"],
  // Konsole 22.04 and later.
  ["KONSOLE_VERSION", /^(?:2204|220[5-9]|22[1-9]\d|2[3-9]\d\d|[3-9]\d\d\d)\d\d$/, "kitty"],
];

/**
 * Finds out how the terminal takes pictures, from what it answered or from what its environment says. Terminals built on VTE, xterm and
 * Windows Terminal differ from build to build: only their answer counts. Inside tmux and screen the variables are those of the terminal
 * around them, which they do not let pictures through to.
 *
 * @param answer what came back for TERMINAL_QUERY
 */
export function detectPictureProtocol(environment: Environment, answer = ""): PictureProtocol {
  const term = environment.TERM ?? "";
  if (term === "dumb") return "none";
  const answersSixel = saysSixel(answer);
  if (environment.TMUX || environment.STY || /^(?:tmux|screen)/.test(term)) return answersSixel ? "sixel" : "none";
  if (saysKitty(answer)) return "kitty";
  const known = KNOWN.find(([variable, value]) => value.test(environment[variable] ?? ""))?.[2] ?? "none";
  return known === "none" && answersSixel ? "sixel" : known;
}

/** Finds out how many colours letters can have; NO_COLOR asks for none. */
export function detectTextColours(environment: Environment): TextColours {
  const { TERM: term = "", COLORTERM: colorterm = "", TERM_PROGRAM: program = "" } = environment;
  if (environment.NO_COLOR || term === "dumb") return "none";
  if (/^(?:truecolor|24bit)$/i.test(colorterm) || /-direct$|^xterm-(?:kitty|ghostty)$|^foot/.test(term)) return "24bit";
  if (environment.WT_SESSION || /^(?:iTerm\.app|WezTerm|vscode|ghostty|mintty)$/i.test(program)) return "24bit";
  return /256/.test(term) ? "256" : "none";
}
