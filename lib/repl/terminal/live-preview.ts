import { stripVTControlCharacters } from "node:util";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { displayWidth } from "./display-width.js";
import type { DrawPreview, Window } from "./show-pictures.js";

/** One that changes more often than this flickers. */
const SHORTEST_MS = 250;
/** It stays small: what is told and typed is what the window is for. */
const MOST_ROWS = 12;
const MOST_COLUMNS = 48;
/** A window with less room has none. */
const FEWEST_ROWS = 4;
const FEWEST_COLUMNS = 40;
/** Rows of the window that stay free of it beside what is typed: the status line and what was told. */
const ROWS_FOR_TEXT = 6;

/** A preview in letters. */
interface Drawn {
  readonly text: string;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The picture on its way, in letters above the status line. It is drawn beside everything else, the newest one first; those that come too
 * soon are left out.
 */
export class LivePreview {
  private latest: RgbPicture | undefined;
  private drawn: Drawn | undefined;
  private shown: Drawn | undefined;
  private drawing = false;
  private lastDrawn = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param draw absent where pictures are not shown
   * @param window as it is now, without the rows that are being typed
   * @param redraw draws it with everything below it, by `text`
   */
  constructor(
    private readonly draw: DrawPreview | undefined,
    private readonly window: () => Window,
    private readonly redraw: () => void,
  ) {}

  /** Takes note; it shows when it is time. */
  tell(preview: RgbPicture): void {
    this.latest = preview;
    if (this.drawing) return;
    this.timer ??= setTimeout(() => void this.drawLatest(), Math.max(0, this.lastDrawn + SHORTEST_MS - performance.now()));
  }

  /** The picture is done or given up; whoever says so draws what stands below. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.latest = undefined;
    this.drawn = undefined;
  }

  /** True while what stands on the screen is what should stand there. */
  isShown(): boolean {
    return this.shown === this.fitting();
  }

  /**
   * What should stand there now, ending with a line end; whoever asks draws it.
   *
   * @returns "" when there is none, or no room for it
   */
  text(): string {
    this.shown = this.fitting();
    return this.shown?.text ?? "";
  }

  /** It was taken off the screen. */
  taken(): void {
    this.shown = undefined;
  }

  /** Rows that it covers on a screen of so many columns, which may have broken its rows. */
  shownRows(columns: number): number {
    return this.shown === undefined ? 0 : this.shown.rows * Math.ceil(this.shown.columns / columns);
  }

  private fitting(): Drawn | undefined {
    const { columns, rows } = this.window();
    if (this.drawn === undefined || columns < FEWEST_COLUMNS || this.drawn.columns >= columns) return undefined;
    return this.drawn.rows + ROWS_FOR_TEXT <= rows ? this.drawn : undefined;
  }

  private async drawLatest(): Promise<void> {
    this.timer = undefined;
    const preview = this.latest;
    const { columns, rows } = this.window();
    const room = { columns: Math.min(MOST_COLUMNS, columns - 1), rows: Math.min(MOST_ROWS, rows - ROWS_FOR_TEXT) };
    if (this.draw === undefined || preview === undefined || room.rows < FEWEST_ROWS || columns < FEWEST_COLUMNS) return;
    this.drawing = true;
    // Nobody asked for this one: a picture does not fail, and nothing is told, because it cannot be drawn.
    const text = await this.draw(preview, room).catch(() => "");
    this.drawing = false;
    this.lastDrawn = performance.now();
    if (this.latest === preview) {
      this.drawn = measured(text);
      this.redraw();
    } else if (this.latest !== undefined) {
      // This one may be of the picture before.
      this.tell(this.latest);
    }
  }
}

function measured(text: string): Drawn | undefined {
  if (text === "") return undefined;
  const lines = stripVTControlCharacters(text).replace(/\n$/, "").split("\n");
  return { text, rows: lines.length, columns: Math.max(...lines.map(displayWidth)) };
}
