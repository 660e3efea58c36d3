import type { Engine, Generated } from "../engine/engine.js";
import { DreamError } from "../errors.js";
import type { PictureSettings } from "../options/picture-settings.js";
import { type ParsedLine, parseLine } from "../options/read.js";
import { resolveLine } from "../options/resolve.js";
import { announceSweep, expandSweeps } from "../options/sweep.js";
import type { LaunchValues } from "../options/table.js";
import type { LineResult } from "./commands/command.js";
import { drawPicture } from "./draw-picture.js";
import type { Emit } from "./events.js";
import type { LineResultPicture, MadePicture } from "./made-pictures.js";
import { makePictures } from "./make-pictures.js";
import { type ModelShelf, modelDefaults } from "./model-shelf.js";
import { outputsBlock, usageStats } from "./report.js";
import type { Series, SeriesLine } from "./series.js";

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
  private last: readonly LineResultPicture[] = [];
  private productiveLines = 0;
  private readonly seedsMade = new Set<number>();

  constructor(private readonly surroundings: StudioSurroundings) {}

  /** Pictures of the last line that made any, in the order in which they were made. */
  get lastPictures(): readonly LineResultPicture[] {
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
  async run(line: string): Promise<LineResult> {
    const { engine, shelf, launch, app, emit, stopped } = this.surroundings;
    const sweep = expandSweeps(line);
    const parsed = sweep.lines.map((one) => this.withPrevious(parseLine(one.line)));
    const resolve = (defaults: Parameters<typeof resolveLine>[2]) =>
      parsed.map((one): SeriesLine => ({ parsed: one, request: resolveLine(one, launch, defaults) }));
    // Wrong values are told at once, also while the model is still loading.
    resolve(modelDefaults(shelf.current, { width: 512, height: 512 }));
    const { model, facts, defaults } = await shelf.active();
    const [first, ...others] = resolve(defaults);
    const series: Series = { typed: line, lines: [first as SeriesLine, ...others], axes: sweep.axes };
    for (const notice of new Set(series.lines.flatMap(({ request }) => request.notices))) this.say(notice);
    if (sweep.axes.length > 0) this.say(announceSweep(sweep));

    this.last = [];
    const maker = { appId: app.id, appVersion: app.version, modelId: model.id, modelHash: facts.hash };
    const made = await makePictures(series, { engine, maker, emit, stopped });
    emit({ type: "rest" });

    if (made.interrupted) this.say("**Interrupted** Partial results will be returned.");
    if (made.pictures.length > 0 || made.interrupted) this.list(made.files, made.pictures, made.seconds);
    if (made.failure !== undefined) throw made.failure;
    return made.interrupted ? "failed" : "done";
  }

  /**
   * Makes one picture with the model in use and writes nothing.
   *
   * @throws DreamError as the engine does
   */
  async draw(settings: PictureSettings): Promise<Generated | "cancelled"> {
    const { engine, emit } = this.surroundings;
    try {
      return await drawPicture(settings, { engine, emit, picture: 1, pictures: 1 });
    } finally {
      emit({ type: "rest" });
    }
  }

  /** Tells what a line made and what it cost, and remembers its pictures for `-S -1` and `-I -1`. */
  list(files: readonly MadePicture[], pictures: readonly LineResultPicture[], seconds: number): void {
    this.last = pictures;
    for (const { seed } of pictures) this.seedsMade.add(seed);
    if (files.length > 0) this.productiveLines++;
    this.say(`${usageStats(pictures.length, seconds)}\n${outputsBlock(files, this.productiveLines)}`);
  }

  /** `-S -1` is the seed of the last picture, `-I -2` the file of the one before, within the last line that made pictures. */
  private withPrevious(parsed: ParsedLine): ParsedLine {
    const seed = parsed.seed !== undefined && parsed.seed < 0 ? this.previousSeed(parsed.seed) : parsed.seed;
    const initImg = /^-\d+$/.test(parsed.initImg ?? "") ? this.previousImage(Number(parsed.initImg)) : parsed.initImg;
    return { ...parsed, seed, initImg };
  }

  private previousSeed(position: number): number {
    const seed = this.last.at(position)?.seed;
    if (seed === undefined) throw new DreamError("usage/line", `No previous seed at position ${position} found`);
    this.say(`>> Reusing previous seed ${seed}`);
    return seed;
  }

  private previousImage(position: number): string {
    const path = this.last.at(position)?.path;
    if (path === undefined) throw new DreamError("usage/line", `No previous initial image at position ${position} found`);
    this.say(`>> Reusing previous image ${path}`);
    return path;
  }

  private say(text: string): void {
    this.surroundings.emit({ type: "text", text });
  }
}
