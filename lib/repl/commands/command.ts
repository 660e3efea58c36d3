import type { Engine } from "../../engine/engine.js";
import type { LaunchValues } from "../../options/table.js";
import type { Emit } from "../events.js";
import type { HistoryBook } from "../history/history.js";
import type { ModelCatalogue } from "../model-catalogue.js";
import type { ModelShelf } from "../model-shelf.js";
import type { Studio } from "../studio/studio.js";

/** What came of a line. */
export type LineResult = "done" | "failed" | "leave";

/** One `!` command; `table.ts` lists them all. */
export interface Command {
  /** As help shows it, with the `!`. */
  readonly name: string;
  /**
   * A line that begins with this text is this command's (as in invoke.py, where `!del x` and `!del_model x` are the same). Of several
   * that fit, the longest counts.
   */
  readonly prefix: string;
  /** Forms of the command, one a line: `!fetch FILE`. */
  readonly usage: string;
  /** Half a sentence for the overview, no final stop. */
  readonly help: string;
  /** What `!help COMMAND` adds; whole sentences. */
  readonly details?: string;
  /** False for commands that would only clutter the history. */
  readonly remembered?: false;
  /**
   * @param argument what follows the first white space, trimmed; backslashes are already slashes
   * @returns "done" when nothing is returned
   * @throws DreamError with the sentence to show; the session lives on
   */
  run(argument: string, desk: Desk): Promise<LineResult | undefined>;
}

/** A question of a dialogue. */
export interface Question {
  /** Ends with a blank, as a prompt does. */
  readonly text: string;
  /** Already in the edit buffer. */
  readonly initial?: string;
  /** What Tab completes in the answer; nothing when absent. */
  readonly completes?: "model-file";
}

/** What a command works with. */
export interface Desk {
  readonly engine: Engine;
  readonly launch: LaunchValues;
  readonly app: { readonly id: string; readonly version: string };
  /** The model in use. */
  readonly shelf: ModelShelf;
  /** The models that could be. */
  readonly catalogue: ModelCatalogue;
  /** Where prompt lines become pictures. */
  readonly studio: Studio;
  readonly history: HistoryBook;
  /** Folder of pictures as given at launch. */
  readonly outdir: string;
  /** Somebody sits at the keyboard and can answer questions. */
  readonly interactive: boolean;
  readonly emit: Emit;
  /** Shows text on standard output. */
  say(text: string): void;
  /** Puts a line into the edit buffer of the next prompt; where there is none it is shown as `# line`. */
  prefill(line: string): void;
  /** Asks; undefined when the user gave up (Ctrl-C, Ctrl-D) or when nobody can answer. */
  ask(question: Question): Promise<string | undefined>;
  /** Runs another line as if it had been typed, without a place in the history. */
  runLine(line: string): Promise<LineResult>;
  /** True after Ctrl-C, until the line is over. */
  stopped(): boolean;
}
