import type { TokenLog } from "../conditioning/token-log.js";
import type { LatentPreview } from "../engine/protocol.js";
import type { Question } from "./commands/command.js";

/** How far the picture being made is. */
export interface Progress {
  /** Which picture of the line, from 1, and how many there will be. */
  readonly picture: number;
  readonly pictures: number;
  /** Steps done; 0 before the first. */
  readonly step: number;
  readonly steps: number;
  /** Seconds since the first step of this picture began. */
  readonly seconds: number;
}

/** What the session tells whoever shows it. The session knows nothing of terminals; a terminal, a pipe or a test listens. */
export type SessionEvent =
  /** For standard output: one or more lines without a final newline; line `emphasis`, from 0, stands out where it can. */
  | { readonly type: "text"; readonly text: string; readonly emphasis?: number }
  /** For standard output: how a prompt was read; its tokens have colours where there are any. */
  | { readonly type: "tokens"; readonly log: TokenLog }
  /** For standard error: one line that says what is wrong and what to do. */
  | { readonly type: "problem"; readonly text: string }
  /** The model is being loaded; `stage` is what of it. */
  | { readonly type: "loading"; readonly stage: string }
  | { readonly type: "progress"; readonly progress: Progress }
  /** How the picture being made looks by now, where somebody watches. */
  | { readonly type: "preview"; readonly preview: LatentPreview }
  /** Nothing is being loaded or made any more; what was shown of it can go. */
  | { readonly type: "rest" }
  /** Goes into the edit buffer of the next prompt, where there is one. */
  | { readonly type: "prefill"; readonly line: string }
  /** A dialogue waits for `Session.answer`; told to interactive listeners only. */
  | { readonly type: "question"; readonly question: Question }
  /** The history is empty from now on. */
  | { readonly type: "history-cleared" }
  /** A picture to show, where pictures can be shown. */
  | { readonly type: "picture"; readonly picture: ShownPicture };

/** A finished picture as a file's bytes. */
export interface ShownPicture {
  readonly path: string;
  readonly png: Uint8Array;
  /** The user asked to see it: letters will do where there is no better way. */
  readonly asked?: true;
}

export type Emit = (event: SessionEvent) => void;
