import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DreamError } from "../errors.js";
import { expandHome } from "../home-folder.js";
import { fileError, readBoundedText } from "../json-file.js";
import { shellWords } from "../options/shell-words.js";

/** Words of a command line that stand in one line of a file. */
export interface ArgumentLine {
  /** The file and the number of the line, for messages. */
  readonly origin: string;
  readonly words: readonly string[];
}

const MOST_BYTES = 1024 * 1024;
const DEEPEST = 8;
/** Files that name each other several times could make any number of words. */
const MOST_WORDS = 10_000;

/**
 * Reads the switches in a file: any number in a line, quoted as for a shell, `#` begins a comment. `@file` stands for the lines of another
 * file; a relative one starts at the folder of the file that names it.
 *
 * @throws DreamError file/not-found, file/unreadable, usage/launch with file and line
 */
export async function readArgumentLines(path: string): Promise<ArgumentLine[]> {
  return (await new ArgumentFiles().read(path)).filter(({ words }) => words.length > 0);
}

/**
 * Puts the words of files in the place of `@file`, up to a `--`.
 *
 * @throws DreamError as `readArgumentLines`
 */
export async function includeFiles(words: readonly string[]): Promise<string[]> {
  const files = new ArgumentFiles();
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const all: string[] = [];
  for (const word of words.slice(0, end)) {
    if (!isInclusion(word)) all.push(word);
    else for (const line of await included(files, word)) all.push(...line.words);
  }
  return [...all, ...words.slice(end)];
}

async function included(files: ArgumentFiles, word: string): Promise<ArgumentLine[]> {
  try {
    return await files.read(resolve(expandHome(word.slice(1))));
  } catch (error) {
    if (!(error instanceof DreamError) || error.code !== "file/not-found") throw error;
    throw new DreamError("file/not-found", `${error.message}; a prompt that begins with @ goes behind --, else`, { cause: error });
  }
}

class ArgumentFiles {
  private count = 0;

  /** @param open real paths of the files that led here */
  async read(path: string, open: readonly string[] = []): Promise<ArgumentLine[]> {
    const real = await realpath(path).catch((error: unknown) => {
      throw fileError(path, error);
    });
    if (open.includes(real)) throw new DreamError("usage/launch", `${path} includes itself`);
    if (open.length >= DEEPEST) throw new DreamError("usage/launch", `${path} is included more than ${DEEPEST} files deep`);
    const text = await readBoundedText(path, MOST_BYTES, "file/unreadable");
    if (text.includes("\0")) throw new DreamError("file/unreadable", `${path} is not a text file`);
    const lines: ArgumentLine[] = [];
    for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
      lines.push(...(await this.readLine(line, `${path}, line ${index + 1}`, path, [...open, real])));
    }
    return lines;
  }

  private async readLine(line: string, origin: string, path: string, open: readonly string[]): Promise<ArgumentLine[]> {
    // Trimming takes a byte order mark off, too.
    const words = wordsAt(origin, line.trim());
    this.count += words.length;
    if (this.count > MOST_WORDS) throw new DreamError("usage/launch", `${origin}: more than ${MOST_WORDS} words in all`);
    const lines: ArgumentLine[] = [];
    let before: string[] = [];
    for (const word of words) {
      if (!isInclusion(word)) {
        before.push(word);
        continue;
      }
      lines.push({ origin, words: before }, ...(await this.read(resolve(dirname(path), expandHome(word.slice(1))), open)));
      before = [];
    }
    return [...lines, { origin, words: before }];
  }
}

function isInclusion(word: string): boolean {
  return word.length > 1 && word.startsWith("@");
}

function wordsAt(origin: string, line: string): string[] {
  try {
    return shellWords(line);
  } catch (error) {
    throw error instanceof DreamError ? new DreamError("usage/launch", `${origin}: ${error.message}`) : error;
  }
}
