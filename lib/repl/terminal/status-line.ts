import type { SessionEvent } from "../events.js";
import { printable } from "../printable.js";
import { ASCII_BAR, progressBar, UNICODE_BAR } from "./progress-bar.js";

/** A line that changes more often than this flickers. */
const SHORTEST_MS = 100;

/** What the status line is about. */
export type StatusEvent = Extract<SessionEvent, { type: "loading" | "progress" | "rest" }>;

/** The line above the prompt that says what is being loaded or made, drawn at most ten times a second. */
export class StatusLine {
  private event: StatusEvent = { type: "rest" };
  private drawn = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param redraw draws it with everything below it, by `text`
   * @param waiting lines that were typed meanwhile
   */
  constructor(
    private readonly unicode: boolean,
    private readonly redraw: () => void,
    private readonly waiting: () => number,
  ) {}

  /** Takes note; the end of everything shows at once, the rest when it is time. */
  tell(event: StatusEvent): void {
    this.event = event;
    if (event.type === "rest") this.drawn = Number.NEGATIVE_INFINITY;
    const wait = this.drawn + SHORTEST_MS - performance.now();
    if (wait <= 0) this.redraw();
    else this.timer ??= setTimeout(this.redraw, wait);
  }

  /**
   * What stands there now; whoever asks draws it.
   *
   * @param columns it may have, which can change while it stands
   * @returns "" when there is nothing to say
   */
  text(columns: number): string {
    this.stop();
    if (this.event.type === "rest") return "";
    this.drawn = performance.now();
    if (this.event.type === "loading") return printable(`loading ${this.event.stage} ...`).slice(0, columns);
    return progressBar(this.event.progress, this.waiting(), columns, this.unicode ? UNICODE_BAR : ASCII_BAR);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
