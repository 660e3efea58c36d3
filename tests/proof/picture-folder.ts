import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { readPngText } from "../../lib/images/metadata/png-text.js";
import { claim } from "./rounds.js";

/** What a folder of pictures may hold beside pictures. */
const LOGS = ["dream_log.txt", "dream_log.md"];
const PICTURE = /^(\d{6,})\.(\d+)(-\d\d)?\.png$/;
const LEFTOVER = /^\..*\.(tmp|claim)$/;
/** `dream_log.md`: a heading, the picture, the command. */
const MARKDOWN_ENTRY = /## ([^\n]+\.png)\n!\[\]\(\1\)\n\n([^\n]+)\n\n/y;

/** A picture that was found whole. */
interface Known {
  readonly dream: string;
  readonly bytes: number;
  readonly changed: number;
}

/** What a look at the folder found. */
export interface Findings {
  readonly newPictures: readonly string[];
  /** Finished pictures that no log names: the program was killed between the picture and its entry. */
  readonly unlogged: readonly string[];
  /** Hidden files that killed programs left. */
  readonly leftovers: readonly string[];
}

/** Looks at a folder of pictures again and again, and throws when something is half, lost, changed or out of order. */
export class PictureFolderInspector {
  private readonly known = new Map<string, Known>();

  constructor(private readonly folder: string) {}

  get pictures(): number {
    return this.known.size;
  }

  get highestPrefix(): number {
    return Math.max(0, ...[...this.known.keys()].map(prefixOf));
  }

  /** @param cutLogs entries may be cut off, each alone on its line, as a full disk does it */
  async look({ cutLogs = false } = {}): Promise<Findings> {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : [];
    const leftovers = names.filter((name) => LEFTOVER.test(name));
    const strange = names.filter((name) => !PICTURE.test(name) && !LEFTOVER.test(name) && !LOGS.includes(name) && name !== "intermediates");
    claim(strange.length === 0, `nobody knows ${strange.join(", ")}`);
    const before = this.highestPrefix;
    const newPictures = names.filter((name) => PICTURE.test(name) && !this.known.has(name));
    for (const name of newPictures) {
      claim(prefixOf(name) > before, `${name} came after a picture with number ${before}`);
      this.known.set(name, await wholePicture(this.folder, name));
    }
    for (const [name, { bytes, changed }] of this.known) {
      const info = statSync(join(this.folder, name));
      claim(info.size === bytes && info.mtimeMs === changed, `${name} was changed after it was finished`);
    }
    for (const path of intermediates(this.folder)) await decode(path);
    const logged = cutLogs ? this.namedSomewhere() : this.loggedPictures();
    return { newPictures, unlogged: [...this.known.keys()].filter((name) => !logged.has(name)), leftovers };
  }

  /** Every entry is whole, names a picture that is there, and says what that picture says itself. */
  private loggedPictures(): ReadonlySet<string> {
    const lines = this.text("dream_log.txt").split("\n");
    claim(lines.pop() === "", "dream_log.txt ends in the middle of a line");
    const inText = lines.map((line) => {
      const name = [...this.known.keys()].find((known) => line.startsWith(`${join(this.folder, known)}: `));
      claim(name !== undefined, `dream_log.txt: no picture fits the line ${JSON.stringify(line)}`);
      claim(line === `${join(this.folder, name)}: ${this.known.get(name)?.dream}`, `dream_log.txt: another command for ${name}`);
      return name;
    });
    const inMarkdown = this.markdownEntries();
    claim(new Set(inText).size === inText.length, "dream_log.txt names a picture twice");
    // Killed between the two logs, the second lacks one entry; the order of two programs may differ.
    const missing = inText.filter((name) => !inMarkdown.includes(name));
    claim(
      inMarkdown.every((name) => inText.includes(name)),
      "dream_log.md names a picture that dream_log.txt does not",
    );
    for (const name of missing) this.onlyInText.add(name);
    return new Set(inText);
  }

  /** Pictures with a whole line of their own in `dream_log.txt`. */
  private namedSomewhere(): ReadonlySet<string> {
    const lines = new Set(this.text("dream_log.txt").split("\n"));
    return new Set([...this.known].filter(([name, { dream }]) => lines.has(`${join(this.folder, name)}: ${dream}`)).map(([name]) => name));
  }

  /** Pictures in `dream_log.txt` that the Markdown log lacks. */
  readonly onlyInText = new Set<string>();

  private markdownEntries(): readonly string[] {
    const text = this.text("dream_log.md");
    const names: string[] = [];
    MARKDOWN_ENTRY.lastIndex = 0;
    while (MARKDOWN_ENTRY.lastIndex < text.length) {
      const start = MARKDOWN_ENTRY.lastIndex;
      const [, name = "", dream] = MARKDOWN_ENTRY.exec(text) ?? [];
      claim(name !== "", `dream_log.md: no whole entry at ${JSON.stringify(text.slice(start, start + 80))}`);
      claim(this.known.get(name)?.dream === dream, `dream_log.md: another command for ${name}`);
      names.push(name);
    }
    return names;
  }

  private text(log: string): string {
    const path = join(this.folder, log);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}

export function prefixOf(name: string): number {
  return Number(PICTURE.exec(name)?.[1]);
}

async function wholePicture(folder: string, name: string): Promise<Known> {
  const path = join(folder, name);
  await decode(path);
  const dream = readPngText(readFileSync(path), path).find(({ keyword }) => keyword === "Dream")?.text ?? "";
  claim(dream.startsWith('"'), `${name} does not say how it was made`);
  const { size, mtimeMs } = statSync(path);
  return { dream, bytes: size, changed: mtimeMs };
}

/** Every pixel, not just the header; sharp takes a cut file for one with grey pixels unless it is told not to. */
async function decode(path: string): Promise<void> {
  const { info } = await sharp(path, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
  claim(info.width > 0 && info.height > 0, `${path} has no pixels`);
}

function intermediates(folder: string): readonly string[] {
  const place = join(folder, "intermediates");
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".png"))
    .map((name) => join(place, name));
}
