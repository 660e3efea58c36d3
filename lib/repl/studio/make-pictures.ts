import type { Engine } from "../../engine/engine.js";
import { logPicture } from "../../images/metadata/log.js";
import { type Maker, pictureMetadata } from "../../images/metadata/metadata.js";
import { encodePng, type RgbPicture } from "../../images/pixels/encode-png.js";
import { Intermediates, type Preview } from "../../images/pixels/intermediates.js";
import type { LabHistograms } from "../../images/pixels/match-histograms.js";
import { printDream } from "../../options/print-line.js";
import { freshSeed } from "../../random/seeds.js";
import type { Emit } from "../events.js";
import { drawPicture } from "./draw-picture.js";
import { type FinishingMeans, finishPicture, settingsAsDrawn } from "./finish-picture.js";
import type { Guard } from "./guard.js";
import type { LineResultPicture, MadePicture, MadePictures } from "./made-pictures.js";
import { nameFields } from "./name-fields.js";
import { type PictureFolder, PictureFolders } from "./picture-folders.js";
import { type PlannedPicture, planPictures } from "./plan-series.js";
import { countPictures, type Series, type SeriesLine } from "./series.js";
import { Sheet } from "./sheet.js";

export interface MakeOptions extends FinishingMeans {
  readonly engine: Engine;
  readonly maker: Maker;
  /** Looks at every picture when it is drawn; absent when nobody asked for it. */
  readonly guard?: Guard;
  /** Where `withLora()` finds its files. */
  readonly loraFolders: readonly string[];
  readonly emit: Emit;
  /** The colours that all pictures get. */
  readonly colours?: LabHistograms;
  /** Tell how pictures look while they are drawn. */
  readonly livePreviews: boolean;
}

/**
 * Makes, writes and logs the pictures of one typed line, one after the other; with `-g` they become one file at the end. All lines of a
 * sweep begin with the same seed, so that they differ in nothing but what is swept.
 *
 * Never throws: whatever failed is in the result, beside what was finished before it.
 */
export async function makePictures(series: Series, options: MakeOptions): Promise<MadePictures> {
  const started = performance.now();
  const making = new PictureMaking(series, options);
  let outcome: Outcome;
  try {
    outcome = await making.run();
  } catch (failure) {
    outcome = { interrupted: options.stopped(), failure };
  }
  const { files, pictures } = making;
  return { files, pictures, ...outcome, seconds: (performance.now() - started) / 1000 };
}

interface Outcome {
  readonly interrupted: boolean;
  readonly failure?: unknown;
}

class PictureMaking {
  readonly files: MadePicture[] = [];
  readonly pictures: LineResultPicture[] = [];
  private readonly folders = new PictureFolders((text) => this.say(text));
  private readonly sheet: Sheet | undefined;
  private readonly total: number;
  /** Why an entry is missing in a log, or a picture was not enlarged or its faces not restored, the first time; no reason to stop, for the pictures are there. */
  private laterFailure: unknown;

  constructor(
    private readonly series: Series,
    private readonly options: MakeOptions,
  ) {
    this.total = countPictures(series);
    this.sheet = series.lines[0].request.grid ? new Sheet(series) : undefined;
  }

  async run(): Promise<Outcome> {
    try {
      const interrupted = await this.makeAllAndSheet();
      return { interrupted, failure: this.laterFailure };
    } finally {
      await this.folders.close();
    }
  }

  private async makeAllAndSheet(): Promise<boolean> {
    try {
      return await this.makeAll();
    } finally {
      // Also after an interrupt or a failure: what there is of a grid is not lost.
      await this.writeSheet();
    }
  }

  /** @returns true when the user stopped it */
  private async makeAll(): Promise<boolean> {
    const fresh = { seed: freshSeed(), variation: freshSeed() };
    let index = 0;
    for (const line of this.series.lines) {
      const { settings, variationSeed } = line.request;
      for (const planned of planPictures(line.request, settings.seed ?? fresh.seed, variationSeed ?? fresh.variation)) {
        if (this.options.stopped()) return true;
        const image = await this.draw(line, planned, index);
        if (image === undefined) return true;
        await this.finish(line, planned, image, index);
        index++;
      }
    }
    return false;
  }

  /** What happens to a drawn picture: what -U and -G ask for, and its place in a file. What cannot be done is left out. */
  private async finish(line: SeriesLine, planned: PlannedPicture, drawn: RgbPicture, index: number): Promise<void> {
    const { image, settings } = await finishPicture(drawn, planned.settings, this.options, {
      say: (text) => this.say(text),
      onFailure: (failure) => {
        this.laterFailure ??= failure;
      },
    });
    if (this.sheet !== undefined) {
      this.sheet.add(index, { ...planned, settings }, image);
      this.pictures.push({ seed: planned.fileSeed });
      return;
    }
    const keepsOriginal = image !== drawn && line.request.saveOriginal;
    if (keepsOriginal) await this.write(line, { ...planned, settings: settingsAsDrawn(planned.settings) }, drawn);
    await this.write(line, { ...planned, settings }, image, keepsOriginal);
  }

  private async draw({ request, init }: SeriesLine, { settings }: PlannedPicture, index: number): Promise<RgbPicture | undefined> {
    const { engine, guard, colours, loraFolders, livePreviews } = this.options;
    const folder = await this.folders.open(request);
    const intermediates = await this.intermediates(folder, request.saveIntermediates);
    const previews = intermediates && {
      every: request.saveIntermediates,
      onPreview: (step: number, steps: number, preview: Preview) => intermediates.add(index, step, steps, preview),
    };
    // A Ctrl-C while the folder was prepared found no picture to stop.
    if (this.options.stopped()) return undefined;
    const drawn = await drawPicture(settings, {
      engine,
      emit: this.tellOnce,
      picture: index + 1,
      pictures: this.total,
      init,
      guard,
      colours,
      previews,
      livePreviews,
      loraFolders,
      logTokens: request.logTokens,
    });
    await intermediates?.finish();
    return drawn === "cancelled" ? undefined : drawn.image;
  }

  private readonly told = new Set<string>();

  /** What is said of a prompt is the same for every picture of a line: each sentence once. */
  private readonly tellOnce: Emit = (event) => {
    if (event.type === "text" || event.type === "tokens") {
      const said = JSON.stringify(event);
      if (this.told.has(said)) return;
      this.told.add(said);
    }
    this.options.emit(event);
  };

  private readonly intermediatesOf = new Map<string, Intermediates>();

  private async intermediates({ path, names }: PictureFolder, every: number): Promise<Intermediates | undefined> {
    if (every <= 0) return undefined;
    const known = this.intermediatesOf.get(path);
    if (known !== undefined) return known;
    const made = new Intermediates(path, await names.prefix(), every, (text) => this.say(text));
    this.intermediatesOf.set(path, made);
    return made;
  }

  /** @param second true of the changed version of a picture that was written before */
  private async write(line: SeriesLine, planned: PlannedPicture, image: RgbPicture, second = false): Promise<void> {
    const { maker, emit } = this.options;
    const { settings, fileSeed } = planned;
    const { path: folder, names } = await this.folders.open(line.request);
    const dream = printDream(settings, maker.modelId);
    const texts = [
      { keyword: "Dream", text: dream },
      { keyword: "sd-metadata", text: pictureMetadata(settings, maker, line.init?.hash) },
    ];
    const png = await encodePng(image, texts, line.request.pngCompression);
    const path = second
      ? await names.writePostprocessed(fileSeed, png)
      : await names.write(fileSeed, png, nameFields(line.parsed, line.request, planned, maker.modelId));
    this.files.push({ path, dream });
    this.pictures.push({ seed: fileSeed, path });
    await this.log(folder, path, dream);
    emit({ type: "picture", picture: { path, png } });
  }

  private async log(folder: string, path: string, dream: string): Promise<void> {
    await logPicture(folder, path, dream).catch((failure: unknown) => {
      this.laterFailure ??= failure;
    });
  }

  private async writeSheet(): Promise<void> {
    if (this.sheet === undefined) return;
    const folder = await this.folders.open(this.series.lines[0].request);
    const written = await this.sheet.write(folder, this.options.maker, (text) => this.say(text));
    if (written === undefined) return;
    const { file, png } = written;
    this.files.push(file);
    await this.log(folder.path, file.path, file.dream);
    this.options.emit({ type: "picture", picture: { path: file.path, png } });
  }

  private say(text: string): void {
    this.options.emit({ type: "text", text });
  }
}
