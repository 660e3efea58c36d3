import { loraFolders } from "../../adapters/lora-folders.js";
import type { Generated } from "../../engine/engine.js";
import { DreamError } from "../../errors.js";
import { checkEnlargedSize } from "../../images/pixels/enlarge.js";
import type { PictureSettings } from "../../options/picture-settings.js";
import { type ParsedLine, parseLine } from "../../options/read.js";
import { isRecordedLine, withoutDrawing } from "../../options/recorded-line.js";
import { DEFAULT_OUTDIR, resolveLine } from "../../options/resolve.js";
import { announceSweep, expandSweeps, type Sweep } from "../../options/sweep.js";
import { translateA1111 } from "../../options/translate-line.js";
import type { LineResult } from "../commands/command.js";
import { type ModelShelf, modelDefaults } from "../model-shelf.js";
import { drawPicture } from "./draw-picture.js";
import { prepareInit } from "./enlarge-for-tiles.js";
import { Enlarger, RESAMPLER } from "./enlarger.js";
import { FaceMender } from "./face-mender.js";
import { Guard } from "./guard.js";
import { InitialPictures, locateInitial } from "./initial-pictures.js";
import type { LineResultPicture, MadePicture } from "./made-pictures.js";
import { makePictures } from "./make-pictures.js";
import { readColours } from "./read-colours.js";
import { referBack } from "./refer-back.js";
import { outputsBlock, usageStats } from "./report.js";
import type { PaintablePicture, Series, SeriesLine } from "./series.js";
import { TextMasks } from "./text-masks.js";
import type { ToolSurroundings } from "./tool-surroundings.js";

/** What a studio works with. */
export interface StudioSurroundings extends ToolSurroundings {
  readonly shelf: ModelShelf;
  readonly app: { readonly id: string; readonly version: string };
  /** Tell how pictures look while they are drawn. */
  readonly livePreviews: boolean;
}

/** Where prompt lines become pictures, and what is remembered of the last ones. */
export class Studio {
  private last: readonly LineResultPicture[] = [];
  private productiveLines = 0;
  private readonly seedsMade = new Set<number>();
  /** Makes the masks of `-tm`. */
  readonly textMasks: TextMasks;

  constructor(private readonly surroundings: StudioSurroundings) {
    this.textMasks = new TextMasks(surroundings);
  }

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
  async run(typed: string): Promise<LineResult> {
    const { engine, shelf, app, emit, stopped, livePreviews } = this.surroundings;
    const line = this.inOurNotation(typed);
    const launch = isRecordedLine(line) ? withoutDrawing(this.surroundings.launch) : this.surroundings.launch;
    const sweep = expandSweeps(line);
    const inits = new InitialPictures((text) => this.say(text), this.textMasks);
    const read = await this.readLines(sweep, inits);
    const resolve = (defaults: Parameters<typeof resolveLine>[2]) =>
      read.map((one) => ({ ...one, request: resolveLine(one.parsed, launch, defaults) }));
    // Wrong values are told at once, also while the model is still loading.
    for (const { request } of resolve(modelDefaults(shelf.current, { width: 512, height: 512 }))) {
      const { initImg, initMask } = request.settings;
      if (initImg !== undefined) await inits.read(initImg);
      if (initMask !== undefined) await inits.readMask(initMask);
    }
    // No sweep runs through files.
    const colours = await readColours(read[0]?.parsed.initColor);
    const { model, facts, defaults } = await shelf.active();
    const guard = await Guard.choose(this.surroundings, model);
    const lines: SeriesLine[] = [];
    for (const one of resolve(defaults))
      lines.push({ ...one, init: await prepareInit(inits, one.request.settings, facts, this.surroundings) });
    const [first, ...others] = lines;
    const series: Series = { typed: line, lines: [first as SeriesLine, ...others], axes: sweep.axes };
    for (const notice of new Set(series.lines.flatMap(({ request }) => request.notices))) this.say(notice);
    if (sweep.axes.length > 0) this.say(announceSweep(sweep));

    const enlarger = await this.enlargerFor(series);
    const faceMender = await this.faceMenderFor(series);
    this.last = [];
    const maker = {
      appId: app.id,
      appVersion: app.version,
      modelId: model.id,
      modelHash: facts.hash,
      upscaler: enlarger?.method ?? RESAMPLER,
      faces: faceMender?.method,
    };
    const means = { enlarger, faceMender, guard, colours, loraFolders: loraFolders(launch) };
    const made = await makePictures(series, { engine, maker, ...means, emit, stopped, livePreviews });
    emit({ type: "rest" });

    if (made.interrupted) this.say("**Interrupted** Partial results will be returned.");
    if (made.pictures.length > 0 || made.interrupted) this.list(made.files, made.pictures, made.seconds);
    if (made.failure !== undefined) throw made.failure;
    return made.interrupted ? "failed" : "done";
  }

  /**
   * Makes one picture with the model in use and writes nothing.
   *
   * @param init the picture that it begins with, in the size that is made
   * @throws DreamError as the engine does
   */
  async draw(settings: PictureSettings, init?: PaintablePicture): Promise<Generated | "cancelled"> {
    const { engine, shelf, emit, launch } = this.surroundings;
    const guard = await Guard.choose(this.surroundings, shelf.current);
    const { initColor } = settings;
    const colours = await readColours(initColor && locateInitial(initColor, this.outdirOf({})));
    try {
      return await drawPicture(settings, { engine, emit, picture: 1, pictures: 1, init, guard, colours, loraFolders: loraFolders(launch) });
    } finally {
      emit({ type: "rest" });
    }
  }

  /** Tells what a line made and what it cost, and remembers its pictures for `-S -1` and `-I -1`. */
  list(files: readonly MadePicture[], pictures: readonly LineResultPicture[], seconds: number): void {
    this.last = pictures;
    for (const { seed } of pictures) this.seedsMade.add(seed);
    this.tellOutputs(files, pictures.length, seconds);
  }

  /** The same for files that nobody refers back to. */
  tellOutputs(files: readonly MadePicture[], pictures: number, seconds: number): void {
    if (files.length > 0) this.productiveLines++;
    this.say(`${usageStats(pictures, seconds)}\n${outputsBlock(files, this.productiveLines)}`);
  }

  /** What -U and Embiggen enlarge with, where a line asks for them. @throws DreamError image/too-large, registry/unreadable */
  private async enlargerFor({ lines }: Series): Promise<Enlarger | undefined> {
    for (const { request, init } of lines) checkEnlargedSize(init ?? request.settings, request.settings.upscale?.[0] ?? 1);
    const asked = lines.some(({ request: { settings } }) => settings.upscale ?? settings.embiggen);
    return !asked ? undefined : Enlarger.choose(this.surroundings);
  }

  /** What -G needs, where a line asks for it. @throws DreamError tool/missing, registry/unreadable */
  private async faceMenderFor({ lines }: Series): Promise<FaceMender | undefined> {
    // No sweep runs through texts.
    const tool = lines.map(({ request }) => request.settings.facetool).find((asked) => asked !== undefined);
    return tool && FaceMender.choose(tool, this.surroundings);
  }

  /** The lines of a sweep with what they take from earlier pictures: a seed, an initial picture, its prompt. */
  private async readLines({ lines }: Sweep, inits: InitialPictures): Promise<Pick<SeriesLine, "asTyped" | "parsed">[]> {
    const notices = new Set<string>();
    const read = lines.map(({ line }) => {
      const asTyped = parseLine(line);
      const back = referBack(asTyped, this.last);
      for (const notice of back.notices) notices.add(notice);
      return { asTyped, parsed: back.parsed };
    });
    for (const notice of notices) this.say(notice);
    const located = read.map(({ asTyped, parsed }) => {
      const locate = (name: string | undefined) => (name ? locateInitial(name, this.outdirOf(parsed)) : undefined);
      const { initImg, initMask, initColor } = parsed;
      return { asTyped, parsed: { ...parsed, initImg: locate(initImg), initMask: locate(initMask), initColor: locate(initColor) } };
    });
    return Promise.all(located.map(async ({ asTyped, parsed }) => ({ asTyped, parsed: await withPrompt(parsed, inits) })));
  }

  /** The line, translated where prompts are written otherwise. */
  private inOurNotation(typed: string): string {
    if (this.surroundings.launch.promptNotation !== "a1111") return typed;
    const { line, changed, notes } = translateA1111(typed);
    if (changed) this.say(`>> In the notation of this program: ${line}`);
    for (const note of notes) this.say(`>> ${note}`);
    return line;
  }

  private outdirOf({ outdir }: Pick<ParsedLine, "outdir">): string {
    return outdir || this.surroundings.launch.outdir || DEFAULT_OUTDIR;
  }

  private say(text: string): void {
    this.surroundings.emit({ type: "text", text });
  }
}

/** A line without a prompt takes that of its initial picture. @throws DreamError usage/line when it has none either */
async function withPrompt(parsed: ParsedLine, inits: InitialPictures): Promise<ParsedLine> {
  const { prompt, initImg } = parsed;
  if (prompt.trim() !== "" || !initImg) return parsed;
  const found = await inits.promptOf(initImg);
  if (found === undefined) throw new DreamError("usage/line", `Try again with a prompt! ${initImg} carries none`);
  return { ...parsed, prompt: found };
}
