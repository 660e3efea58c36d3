import { isJsonObject } from "../../json-file.js";
import { parseBoundedJson } from "./parse-bounded-json.js";
import { printRecorded } from "./print-recorded.js";
import { readDreamText } from "./read-dream-text.js";
import { readSdMetadata } from "./read-sd-metadata.js";

/** `outputs/000001.5.png: command`, perhaps with the number that the list of outputs has, `[1.2] outputs/…`. */
const ENTRY = /^(?:\[\d+(?:\.\d+)?\] )?\S.*?\.png: (.+)$/;
/** Every generation recorded the steps; the web server wrote JSON. */
const COMMAND = /^\{|(?:^|\s)-s ?\d/;
const MARKDOWN_HEADING = /^## \S.*\.png$/;
const MARKDOWN_PICTURE = /^!\[\]\(.+\.png\)$/;

/**
 * Recognises a line of a log, so that logs can be run again: `dream_log.txt` and `invoke_log.txt` (`path: command`) of both generations,
 * `dream_web_log.txt` (`path: {json}`), `dream_log.md` and `invoke_log.md` (a heading, the picture, the command).
 *
 * A prompt that merely holds a colon is no entry: the part before it must be the path of a PNG file, and the part behind it a command
 * with its steps.
 *
 * @returns the command of the entry; "" for a line that only shows a picture; undefined when the line is not one of a log, which also
 * holds for the bare commands of the Markdown logs: they are lines like any other
 */
export function readLogLine(line: string): string | undefined {
  const text = line.trim();
  if (MARKDOWN_HEADING.test(text) || MARKDOWN_PICTURE.test(text)) return "";
  const command = ENTRY.exec(text)?.[1];
  if (command === undefined || !COMMAND.test(command)) return undefined;
  const recorded = command.startsWith("{") ? readWebEntry(command) : readDreamText(command);
  return recorded === undefined ? command : printRecorded(recorded);
}

/** The web server of dream.py logged what the browser sent. */
function readWebEntry(text: string): ReturnType<typeof readSdMetadata> {
  const sent = parseBoundedJson(text);
  if (!isJsonObject(sent)) return undefined;
  return readSdMetadata(JSON.stringify({ image: { ...sent, variations: sent.variations ?? sent.with_variations } }));
}
