import type { Engine } from "../engine/engine.js";
import { DreamError } from "../errors.js";
import { printHelp } from "../options/help.js";
import { parseLine } from "../options/read.js";
import { DEFAULT_OUTDIR } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import type { Desk, LineResult, Question } from "./commands/command.js";
import { findCommand } from "./commands/table.js";
import type { Emit } from "./events.js";
import { type HistoryBook, SessionHistory } from "./history/history.js";
import { LONGEST_LINE } from "./longest-line.js";
import type { ModelCatalogue } from "./model-catalogue.js";
import { ModelShelf, type SessionModel } from "./model-shelf.js";
import { Studio } from "./studio/studio.js";

export interface SessionOptions {
  readonly engine: Engine;
  readonly model: SessionModel;
  /** The models that commands may switch to and edit. */
  readonly catalogue: ModelCatalogue;
  readonly launch: LaunchValues;
  readonly app: { readonly id: string; readonly version: string };
  readonly emit: Emit;
  /** The lines so far; without it they are kept for this session alone. */
  readonly history?: HistoryBook;
  /** Somebody sits at the keyboard and answers questions by `answer`. */
  readonly interactive?: boolean;
  /** Somebody watches who wants to see pictures grow. */
  readonly livePreviews?: boolean;
}

/** Two Ctrl-C within this time mean: leave. */
const LEAVING_MS = 1000;

/** What an interrupt did: nothing to stop, stops after the step, restarts the engine, or the user wants to leave. */
export type Interrupt = "idle" | "stopping" | "restarting" | "leave";

/**
 * The prompt without a terminal: lines go in, events come out. Lines run one after the other in the order in which they came; one that
 * comes while a picture is made waits.
 */
export class Session {
  private readonly desk: Desk;
  private readonly shelf: ModelShelf;
  private tail: Promise<unknown> = Promise.resolve();
  private left = false;
  private queued = 0;
  private running = false;
  private interrupts = 0;
  private lastInterrupt = Number.NEGATIVE_INFINITY;
  private pending: ((answer: string | undefined) => void) | undefined;
  private replaying = false;

  constructor(private readonly options: SessionOptions) {
    const { engine, launch, app, emit, model, catalogue, livePreviews = false } = options;
    engine.onNotice((text) => this.say(`>> ${text}`));
    this.shelf = new ModelShelf(engine, model, emit);
    const stopped = () => this.interrupts > 0;
    this.desk = {
      engine,
      launch,
      app,
      shelf: this.shelf,
      catalogue,
      studio: new Studio({ engine, shelf: this.shelf, catalogue, launch, app, emit, stopped, livePreviews }),
      history: options.history ?? new SessionHistory(),
      outdir: launch.outdir || DEFAULT_OUTDIR,
      interactive: options.interactive ?? false,
      emit,
      say: (text) => this.say(text),
      prefill: (line) => emit({ type: "prefill", line }),
      ask: (question) => this.ask(question),
      runLine: (line) => this.replay(line),
      stopped,
    };
  }

  /** Lines that came while another was running. */
  get waiting(): number {
    return this.queued;
  }

  /** Seeds of the pictures made so far, each once. */
  get seeds(): readonly number[] {
    return this.desk.studio.seeds;
  }

  /** Words that embeddings added to prompts when the model was loaded or `!triggers` looked last; none without a model. */
  async triggers(): Promise<readonly string[]> {
    const active = await this.shelf.active().catch(() => undefined);
    return (active?.facts.triggers ?? []).map(({ trigger }) => trigger);
  }

  /** True while a dialogue waits for `answer`. */
  get asking(): boolean {
    return this.pending !== undefined;
  }

  /**
   * Loads the model. Lines may be submitted at once; those that need the model wait for it.
   *
   * @throws DreamError when the model cannot be loaded
   */
  start(): Promise<void> {
    return this.shelf.start();
  }

  /** Runs a line when those before it are done. Never rejects: a failure was told as an event and is "failed". */
  submit(line: string): Promise<LineResult> {
    const waits = this.queued > 0 || this.running;
    this.queued++;
    const run = this.tail.then(async (): Promise<LineResult> => {
      this.queued--;
      if (this.left) return "leave";
      this.running = true;
      this.interrupts = 0;
      // Whoever reads the answer wants to see to which of the waiting lines it belongs.
      if (waits && !saysNothing(line.trim())) this.say(`#${line.trim()}`);
      const result = await this.run(line).catch((error: unknown) => this.fail(error));
      this.running = false;
      if (result === "leave") this.left = true;
      return result;
    });
    this.tail = run;
    return run;
  }

  /** Answers the question that `asking` tells of; undefined gives up. */
  answer(text: string | undefined): void {
    const pending = this.pending;
    this.pending = undefined;
    pending?.(text);
  }

  /** Stops what runs: a dialogue at once, a picture after its step, on a second call at once; two within a second mean leaving. */
  interrupt(now = performance.now()): Interrupt {
    if (this.asking) {
      this.answer(undefined);
      return "stopping";
    }
    if (!this.running) return "idle";
    const leaving = now - this.lastInterrupt < LEAVING_MS;
    this.lastInterrupt = now;
    this.interrupts++;
    this.options.engine.cancel();
    if (leaving) return "leave";
    this.say(this.interrupts === 1 ? ">> Stopping after this step; twice within a second leaves the program" : ">> Restarting the engine");
    return this.interrupts === 1 ? "stopping" : "restarting";
  }

  private async run(typed: string): Promise<LineResult> {
    checkText(typed);
    // Control characters mean nothing to a model, but something to the terminal on which a log or a picture's text is shown later.
    const line = typed.replaceAll(/\p{Cc}/gu, " ").trim();
    if (saysNothing(line)) return "done";
    if (line === "q") return "leave";
    const command = line.startsWith("!") ? findCommand(line) : undefined;
    if (command?.remembered !== false && !this.replaying) this.desk.history.append(line);
    if (command) {
      const [, argument = ""] = /^\S+\s*(.*)$/s.exec(line) ?? [];
      // Paths of Windows; a prompt behind `!dream` keeps what was typed.
      return (await command.run(command.name === "!dream" ? argument : argument.replaceAll("\\", "/"), this.desk)) ?? "done";
    }
    if (line.startsWith("!")) {
      throw new DreamError("usage/line", `there is no command ${line.split(/\s/)[0]}; !help lists them`);
    }
    return this.dream(line);
  }

  private async dream(line: string): Promise<LineResult> {
    if (!isHelp(line)) return this.desk.studio.run(line);
    this.say(printHelp("line", "usage: PROMPT [switches]   for example: a cat in a hat -W512 -H512 -s30 -S42"));
    return "done";
  }

  /** Runs a line of a file that is being replayed. */
  private async replay(line: string): Promise<LineResult> {
    const outermost = !this.replaying;
    this.replaying = true;
    try {
      return await this.run(line).catch((error: unknown) => this.fail(error));
    } finally {
      if (outermost) this.replaying = false;
    }
  }

  private async ask(question: Question): Promise<string | undefined> {
    if (!this.options.interactive) return undefined;
    const answer = new Promise<string | undefined>((resolve) => {
      this.pending = resolve;
    });
    this.options.emit({ type: "question", question });
    return answer;
  }

  private say(text: string): void {
    this.options.emit({ type: "text", text });
  }

  private fail(error: unknown): LineResult {
    const sentence =
      error instanceof DreamError
        ? error.sentence
        : `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    this.options.emit({ type: "problem", text: `** ${sentence}` });
    return "failed";
  }
}

/** A line that cannot be read is told what is wrong when it is run. */
function isHelp(line: string): boolean {
  try {
    return parseLine(line).help === true;
  } catch {
    return false;
  }
}

/** Blank lines and comments. */
function saysNothing(line: string): boolean {
  return line === "" || line.startsWith("#") || line.startsWith("//");
}

/** What a file that is no text, or text without line ends, would feed us must not become pictures. */
function checkText(line: string): void {
  if (line.length > LONGEST_LINE) {
    throw new DreamError("usage/line", `The line has ${line.length} characters; at most ${LONGEST_LINE} are taken`);
  }
  if (line.includes("\0")) throw new DreamError("usage/line", "The line is not text: it holds NUL characters");
}
