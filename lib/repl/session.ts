import type { Engine } from "../engine/engine.js";
import type { LoadedModel, LoadRequest } from "../engine/protocol.js";
import { DreamError } from "../errors.js";
import { printHelp } from "../options/help.js";
import { type ParsedLine, parseLine } from "../options/read.js";
import { type ModelDefaults, resolveLine } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import type { Emit } from "./events.js";
import { makePictures } from "./make-pictures.js";
import { outputsBlock, usageStats } from "./report.js";

/** The model of a session: its name in metadata, how to load it, and what its registry entry prefers. */
export interface SessionModel {
  readonly id: string;
  readonly request: LoadRequest;
  readonly defaults: Partial<ModelDefaults>;
  /** Sentences about the registry that it came from. */
  readonly notices: readonly string[];
}

export interface SessionOptions {
  readonly engine: Engine;
  readonly model: SessionModel;
  readonly launch: LaunchValues;
  readonly app: { readonly id: string; readonly version: string };
  readonly emit: Emit;
  /** Told every line that is worth keeping, before it runs. */
  readonly remember?: (line: string) => void;
}

/** Characters of a line: far more than any model reads, far less than a picture's text may have. */
const LONGEST_LINE = 100_000;

/** What came of a line. */
export type LineResult = "done" | "failed" | "leave";

/**
 * The prompt without a terminal: lines go in, events come out. Lines run one after the other in the order in which they came; one that
 * comes while a picture is made waits.
 */
export class Session {
  private loaded: Promise<LoadedModel> | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private left = false;
  private queued = 0;
  private running = false;
  private generating = false;
  private interrupts = 0;
  /** Seeds of the pictures of the last line that made any, for `-S -1`. */
  private lastSeeds: readonly number[] = [];
  private productiveLines = 0;

  constructor(private readonly options: SessionOptions) {
    options.engine.onNotice((text) => this.say(`>> ${text}`));
  }

  /** Lines that came while another was running. */
  get waiting(): number {
    return this.queued;
  }

  /**
   * Loads the model. Lines may be submitted at once; those that need the model wait for it.
   *
   * @throws DreamError when the model cannot be loaded
   */
  async start(): Promise<void> {
    const { engine, model, emit } = this.options;
    for (const notice of model.notices) this.say(`>> ${notice}`);
    emit({ type: "text", text: `>> Loading ${model.id} from ${model.request.path}` });
    this.loaded = engine.load(model.request, (stage) => emit({ type: "loading", stage }));
    try {
      const facts = await this.loaded;
      const lines = [
        `>> Model loaded in ${facts.seconds.toFixed(2)}s: ${facts.family}, ${facts.width}x${facts.height}, ${facts.memoryMode} memory mode`,
      ];
      emit({ type: "text", text: [...facts.notices.map((notice) => `>> ${notice}`), ...lines].join("\n") });
    } finally {
      emit({ type: "rest" });
    }
  }

  /** Runs a line when those before it are done. Never rejects: a failure was told as an event and is "failed". */
  submit(line: string): Promise<LineResult> {
    const waits = this.queued > 0 || this.running;
    this.queued++;
    const run = this.tail.then(async (): Promise<LineResult> => {
      this.queued--;
      if (this.left) return "leave";
      this.running = true;
      // Whoever reads the answer wants to see to which of the waiting lines it belongs.
      if (waits && line.trim() !== "") this.say(`#${line.trim()}`);
      const result = await this.run(line).catch((error: unknown) => this.fail(error));
      this.running = false;
      if (result === "leave") this.left = true;
      return result;
    });
    this.tail = run;
    return run;
  }

  /** Stops the picture being made: after its step, and on a second call at once. @returns false when none is being made */
  interrupt(): boolean {
    if (!this.generating) return false;
    this.interrupts++;
    this.options.engine.cancel();
    if (this.interrupts === 1) this.say(">> Stopping after this step; once more restarts the engine");
    if (this.interrupts === 2) this.say(">> Restarting the engine");
    return true;
  }

  private async run(typed: string): Promise<LineResult> {
    checkText(typed);
    // Control characters mean nothing to a model, but something to the terminal on which a log or a picture's text is shown later.
    const line = typed.replaceAll(/\p{Cc}/gu, " ").trim();
    if (line === "" || line.startsWith("#") || line.startsWith("//")) return "done";
    if (line === "q") return "leave";
    this.options.remember?.(line);
    const command = line.startsWith("!dream ") ? line.slice("!dream ".length) : line;
    if (command.startsWith("!"))
      throw new DreamError("usage/line", `there is no command ${command.split(/\s/)[0]}; -h lists what a line may hold`);
    const parsed = parseLine(command);
    if (parsed.help) {
      this.say(printHelp("line", "usage: PROMPT [switches]   for example: a cat in a hat -W512 -H512 -s30 -S42"));
      return "done";
    }
    return this.dream(parsed);
  }

  private async dream(parsed: ParsedLine): Promise<LineResult> {
    const { engine, model, launch, app, emit } = this.options;
    // Wrong values are told at once, also while the model is still loading.
    resolveLine(parsed, launch, modelDefaults(model, { width: 512, height: 512 }));
    const facts = await this.loaded?.catch(() => undefined);
    if (!facts) throw new DreamError("engine/failed", "no model is loaded");
    const request = resolveLine(this.withPreviousSeed(parsed), launch, modelDefaults(model, facts));
    for (const notice of request.notices) this.say(notice);

    this.lastSeeds = [];
    this.interrupts = 0;
    this.generating = true;
    const maker = { appId: app.id, appVersion: app.version, modelId: model.id, modelHash: facts.hash };
    const made = await makePictures(request, { engine, maker, emit, stopped: () => this.interrupts > 0 });
    this.generating = false;
    emit({ type: "rest" });

    this.lastSeeds = made.pictures.map(({ seed }) => seed);
    if (made.interrupted) this.say("**Interrupted** Partial results will be returned.");
    if (made.pictures.length > 0) this.productiveLines++;
    if (made.pictures.length > 0 || made.interrupted) this.say(`${usageStats(made)}\n${outputsBlock(made, this.productiveLines)}`);
    if (made.failure !== undefined) throw made.failure;
    return made.interrupted ? "failed" : "done";
  }

  /** `-S -1` is the seed of the last picture, `-S -2` the one before, within the last line that made pictures. */
  private withPreviousSeed(parsed: ParsedLine): ParsedLine {
    if (parsed.seed === undefined || parsed.seed >= 0) return parsed;
    const seed = this.lastSeeds.at(parsed.seed);
    if (seed === undefined) throw new DreamError("usage/line", `No previous seed at position ${parsed.seed} found`);
    this.say(`>> Reusing previous seed ${seed}`);
    return { ...parsed, seed };
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

/** What a file that is no text, or text without line ends, would feed us must not become pictures. */
function checkText(line: string): void {
  if (line.length > LONGEST_LINE) {
    throw new DreamError("usage/line", `The line has ${line.length} characters; at most ${LONGEST_LINE} are taken`);
  }
  if (line.includes("\0")) throw new DreamError("usage/line", "The line is not text: it holds NUL characters");
}

/** What the registry entry leaves open is the loaded model's own. */
function modelDefaults({ defaults }: SessionModel, native: { readonly width: number; readonly height: number }): ModelDefaults {
  return { ...defaults, width: defaults.width ?? native.width, height: defaults.height ?? native.height };
}
