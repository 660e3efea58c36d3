import type { Engine } from "../engine/engine.js";
import { DreamError } from "../errors.js";
import type { ParsedLine } from "../options/read.js";
import { resolveLine } from "../options/resolve.js";
import type { LaunchValues } from "../options/table.js";
import type { LineResult } from "./commands/command.js";
import type { Emit } from "./events.js";
import { type MadePicture, makePictures } from "./make-pictures.js";
import { type ModelShelf, modelDefaults } from "./model-shelf.js";
import { outputsBlock, usageStats } from "./report.js";

/** What a studio works with. */
export interface StudioSurroundings {
  readonly engine: Engine;
  readonly shelf: ModelShelf;
  readonly launch: LaunchValues;
  readonly app: { readonly id: string; readonly version: string };
  readonly emit: Emit;
  /** True once the user asked to stop the line that runs. */
  readonly stopped: () => boolean;
}

/** Where prompt lines become pictures, and what is remembered of the last ones. */
export class Studio {
  /** Pictures of the last line that made any, for `-S -1`. */
  private last: readonly MadePicture[] = [];
  private productiveLines = 0;
  private readonly seedsMade = new Set<number>();

  constructor(private readonly surroundings: StudioSurroundings) {}

  /** Pictures of the last line that made any, in the order in which they were written. */
  get lastPictures(): readonly MadePicture[] {
    return this.last;
  }

  /** Seeds of the pictures made so far, each once. */
  get seeds(): readonly number[] {
    return [...this.seedsMade];
  }

  /**
   * Makes the pictures that a line asks for and tells about them.
   *
   * @throws DreamError when the line is wrong, or when a picture could not be made; those finished before it are kept and listed
   */
  async run(parsed: ParsedLine): Promise<LineResult> {
    const { engine, shelf, launch, app, emit, stopped } = this.surroundings;
    // Wrong values are told at once, also while the model is still loading.
    resolveLine(parsed, launch, modelDefaults(shelf.current, { width: 512, height: 512 }));
    const { model, facts, defaults } = await shelf.active();
    const request = resolveLine(this.withPreviousSeed(parsed), launch, defaults);
    for (const notice of request.notices) this.say(notice);

    this.last = [];
    const maker = { appId: app.id, appVersion: app.version, modelId: model.id, modelHash: facts.hash };
    const made = await makePictures(request, { engine, maker, emit, stopped });
    emit({ type: "rest" });

    this.last = made.pictures;
    for (const { seed } of made.pictures) this.seedsMade.add(seed);
    if (made.interrupted) this.say("**Interrupted** Partial results will be returned.");
    if (made.pictures.length > 0) this.productiveLines++;
    if (made.pictures.length > 0 || made.interrupted) this.say(`${usageStats(made)}\n${outputsBlock(made, this.productiveLines)}`);
    if (made.failure !== undefined) throw made.failure;
    return made.interrupted ? "failed" : "done";
  }

  /** `-S -1` is the seed of the last picture, `-S -2` the one before, within the last line that made pictures. */
  private withPreviousSeed(parsed: ParsedLine): ParsedLine {
    if (parsed.seed === undefined || parsed.seed >= 0) return parsed;
    const seed = this.last.at(parsed.seed)?.seed;
    if (seed === undefined) throw new DreamError("usage/line", `No previous seed at position ${parsed.seed} found`);
    this.say(`>> Reusing previous seed ${seed}`);
    return { ...parsed, seed };
  }

  private say(text: string): void {
    this.surroundings.emit({ type: "text", text });
  }
}
