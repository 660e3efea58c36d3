import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { DreamError } from "../errors.js";

/** Characters of a line that are held while its end is waited for. Lines that are merely too long get their own sentence elsewhere. */
const MOST_HELD = 4 * 1024 * 1024;

/**
 * The lines of a stream as they come, whatever ends them (`\n`, `\r\n`, `\r`); the last needs no end. Node's own reader of lines would
 * hold an endless line until memory ends.
 *
 * @param signal ends the lines, also while the next one is waited for
 * @throws DreamError file/unreadable when the stream breaks, or when a line does not end within 4 Mi characters
 */
export async function* readLines(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<string | Buffer>;
  let held = "";
  let number = 1;
  try {
    for (;;) {
      const next = await nextChunk(chunks, signal);
      if (next === undefined) return;
      if (next.done) break;
      held += typeof next.value === "string" ? next.value : decoder.write(next.value);
      // A line end may be cut in two: what follows a final \r shows whether it is one.
      const whole = held.endsWith("\r") ? held.slice(0, -1) : held;
      const lines = whole.split(LINE_END);
      held = `${lines.pop() as string}${held.slice(whole.length)}`;
      for (const line of lines) {
        yield line;
        if (signal.aborted) return;
        number++;
      }
      if (held.length > MOST_HELD) {
        throw new DreamError("file/unreadable", `line ${number} does not end within ${MOST_HELD} characters, so these are no lines`);
      }
    }
    held += decoder.end();
    if (held !== "") yield held.replace(/\r$/, "");
  } finally {
    input.destroy();
  }
}

const LINE_END = /\r\n|\n|\r/;

/** @returns undefined once `signal` says so */
async function nextChunk(
  chunks: AsyncIterator<string | Buffer>,
  signal: AbortSignal,
): Promise<IteratorResult<string | Buffer> | undefined> {
  if (signal.aborted) return undefined;
  let stop: () => void = () => {};
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([chunks.next(), stopped]);
  } catch (cause) {
    throw new DreamError("file/unreadable", "the lines cannot be read any further", { cause });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
