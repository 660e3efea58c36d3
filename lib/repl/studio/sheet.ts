import { gridMetadata, type Maker } from "../../images/metadata/metadata.js";
import { makeContactSheet } from "../../images/pixels/contact-sheet.js";
import { encodePng, type RgbPicture } from "../../images/pixels/encode-png.js";
import { checkEnlargedSize } from "../../images/pixels/enlarge.js";
import { checkGridSize, makeGrid } from "../../images/pixels/grid.js";
import { printGridLine } from "../../options/print-line.js";
import { printSweepDream } from "../../options/print-sweep.js";
import type { MadePicture } from "./made-pictures.js";
import type { PictureFolder } from "./picture-folders.js";
import type { PlannedPicture } from "./plan-series.js";
import { countPictures, type Series } from "./series.js";

interface Cell {
  readonly planned: PlannedPicture;
  readonly image: RgbPicture;
}

interface Made {
  readonly picture: RgbPicture;
  /** Makes it again. */
  readonly line: string;
  /** Seeds of the cells; a contact sheet's labels say what they are. */
  readonly rowSeeds?: readonly number[];
}

/** Gathers the pictures of a line with `-g`, to become one file: a grid, or the labelled contact sheet of a sweep. */
export class Sheet {
  private readonly cells = new Map<number, Cell>();

  /** @throws DreamError image/too-large when the series cannot fit */
  constructor(private readonly series: Series) {
    const { init, request } = series.lines[0];
    const { width, height } = checkEnlargedSize(init ?? request.settings, request.settings.upscale?.[0] ?? 1);
    if (series.axes.length === 0) checkGridSize(countPictures(series), width, height);
  }

  /** @param index of the picture within the series, from 0 */
  add(index: number, planned: PlannedPicture, image: RgbPicture): void {
    this.cells.set(index, { planned, image });
  }

  /**
   * Writes the file; an unfinished series shows what there is.
   *
   * @returns undefined when there is no picture yet
   * @throws DreamError output/unwritable, image/too-large
   */
  async write(
    folder: PictureFolder,
    maker: Maker,
    say: (text: string) => void,
  ): Promise<{ file: MadePicture; png: Uint8Array } | undefined> {
    const cells = [...this.cells.values()];
    const first = cells[0];
    if (first === undefined) return undefined;
    const { picture, line, rowSeeds } = this.series.axes.length > 0 ? await this.contactSheet(first, maker, say) : this.grid(cells, maker);
    const dream = rowSeeds === undefined ? line : `${line} # [${rowSeeds.join(", ")}]`;
    const settings = cells.map(({ planned }) => planned.settings);
    const texts = [
      { keyword: "Dream", text: dream },
      { keyword: "sd-metadata", text: gridMetadata(settings, maker, line, this.series.lines[0].init?.hash) },
    ];
    const png = await encodePng(picture, texts, this.series.lines[0].request.pngCompression);
    const path = await folder.names.writeGrid(first.planned.fileSeed, png);
    return { file: { path, dream, rowSeeds }, png };
  }

  private grid(cells: readonly Cell[], maker: Maker): Made {
    const bySeed = new Map(cells.map(({ planned, image }) => [planned.fileSeed, image]));
    const rowSeeds = [...bySeed.keys()];
    const { settings, variationAmount } = this.series.lines[0].request;
    const { seed } = (cells[0] as Cell).planned.settings;
    const variations = variationAmount > 0 ? { variationAmount, variationSeed: rowSeeds[0] } : {};
    return { picture: makeGrid(bySeed), line: printGridLine({ ...settings, seed }, maker.modelId, rowSeeds.length, variations), rowSeeds };
  }

  private async contactSheet(first: Cell, maker: Maker, say: (text: string) => void): Promise<Made> {
    const { axes, typed, lines } = this.series;
    const { asTyped, request } = lines[0];
    const { iterations, variationAmount } = request;
    const repeats = { name: "-n", values: Array.from({ length: iterations }, (_, i) => String(i + 1)) };
    const pictures = Array.from({ length: countPictures(this.series) }, (_, i) => this.cells.get(i)?.image);
    const { picture, note } = await makeContactSheet(iterations > 1 ? [...axes, repeats] : axes, pictures);
    if (note !== undefined) say(`>> ${note}`);
    const { settings, fileSeed } = first.planned;
    const variations = variationAmount > 0 ? { variationAmount, variationSeed: fileSeed } : {};
    const series = { grid: true, iterations, ...variations };
    const unmixed = { ...settings, withVariations: request.settings.withVariations };
    return { picture, line: printSweepDream(typed, axes, asTyped, unmixed, series, maker.modelId) };
  }
}
