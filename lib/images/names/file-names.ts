import { join } from "node:path";
import { formatFileName, type NameFields } from "./file-name-format.js";
import { writeNewFile } from "./new-file.js";
import { claimPrefix, type PrefixClaim } from "./prefix-claim.js";
import { cutToBytes, MAX_NAME_BYTES, safeName } from "./safe-name.js";

const PREFIX_DIGITS = 6;
const ENDING = ".png";

/** What `!fix` did to a picture, as its name says it. */
export type FixTool = "gfpgan" | "codeformer" | "upscale" | "embiggen" | "outpaint" | "outcrop";

/** What `!mask` shows of what a text names, as its name says it. */
export type MaskKind = "deselected" | "selected" | "masked";

/** Characters of a text in the name of its mask. */
const MASK_TEXT = 50;

/** `000017`, longer when needed. */
export function prefixText(prefix: number): string {
  return String(prefix).padStart(PREFIX_DIGITS, "0");
}

/** `000017.4829112.png` */
export function pictureName(prefix: number, seed: number): string {
  return `${prefixText(prefix)}.${seed}${ENDING}`;
}

/** How the pictures of a line are to be called. */
export interface NameFormat {
  /** A Python format string (`--fnformat`). */
  readonly format: string;
  /** Told once when the format cannot be used. */
  readonly onProblem: (text: string) => void;
}

/**
 * Hands out the names of one command's pictures: all share one number, which no other program uses in this folder, and a name that is taken
 * gets `-01`, `-02` … behind it. `close` ends the command.
 */
export class PictureNames {
  private claim: Promise<PrefixClaim> | undefined;
  private formatFailed = false;

  constructor(
    private readonly folder: string,
    private readonly format?: NameFormat,
  ) {}

  /**
   * The command's number, taken at the first call.
   *
   * @throws DreamError output/unwritable
   */
  async prefix(): Promise<number> {
    // One claim, however many pictures are written at once; after a failure the next call tries again.
    this.claim ??= claimPrefix(this.folder).catch((error: unknown) => {
      this.claim = undefined;
      throw error;
    });
    return (await this.claim).prefix;
  }

  /**
   * Writes a picture as `<prefix>.<seed>.png`, or under the line's own format.
   *
   * @param fields of the format; `prefix` and `seed` are added here
   * @returns the path, below `folder` as it was given
   * @throws DreamError output/unwritable; then no file was made
   */
  async write(seed: number, png: Uint8Array, fields: NameFields = {}): Promise<string> {
    const prefix = await this.prefix();
    const name = this.formattedName(prefix, seed, fields);
    if (name !== undefined) return this.writeFirstFree(suffixed(name), png);
    return this.writeUnderPrefix(suffixed(pictureName(prefix, seed)), png);
  }

  /** Writes a grid or contact sheet as `<prefix>.<first seed>.png`, whatever the format is. @throws as `write` */
  async writeGrid(firstSeed: number, png: Uint8Array): Promise<string> {
    return this.writeUnderPrefix(suffixed(pictureName(await this.prefix(), firstSeed)), png);
  }

  /** `<prefix>.<seed>.postprocessed.png`, then `.postprocessed-01.png` …: the second version of a picture. @throws as `write` */
  async writePostprocessed(seed: number, png: Uint8Array): Promise<string> {
    const stem = `${prefixText(await this.prefix())}.${seed}`;
    return this.writeUnderPrefix(suffixed(`${stem}.postprocessed${ENDING}`), png);
  }

  /** `<prefix>.<seed>.upscale-00.png`, then `-01` …: what `!fix` makes has the number of its own command. @throws as `write` */
  async writeFixed(seed: number, tool: FixTool, png: Uint8Array): Promise<string> {
    const stem = `${prefixText(await this.prefix())}.${seed}.${tool}`;
    return this.writeUnderPrefix((number) => `${stem}-${twoDigits(number)}${ENDING}`, png);
  }

  /**
   * `<prefix>.<stem>.<text>.masked.png`: what `!mask` makes of a picture; the text is cut off after 50 characters.
   *
   * @param stem name of the picture without its ending
   * @throws as `write`
   */
  async writeMask(stem: string, text: string, kind: MaskKind, png: Uint8Array): Promise<string> {
    const named = safeName(Array.from(text).slice(0, MASK_TEXT).join(""));
    const end = `.${named}.${kind}`;
    const start = cutToBytes(`${prefixText(await this.prefix())}.${stem}`, MAX_NAME_BYTES - Buffer.byteLength(`${end}-00${ENDING}`));
    return this.writeUnderPrefix(suffixed(`${start}${end}${ENDING}`), png);
  }

  /** Ends the command: a number that no picture carries is free again. */
  async close(): Promise<void> {
    const claim = await this.claim?.catch(() => undefined);
    await claim?.release();
  }

  private formattedName(prefix: number, seed: number, fields: NameFields): string | undefined {
    if (this.format === undefined) return undefined;
    const values: NameFields = {
      ...fields,
      prefix: { type: "text", value: prefixText(prefix) },
      seed: { type: "int", value: seed },
    };
    const formatted = formatFileName(this.format.format, values);
    if ("name" in formatted) return formatted.name;
    if (!this.formatFailed) this.format.onProblem(formatted.problem);
    this.formatFailed = true;
    return undefined;
  }

  /** A picture whose name holds the number keeps it for this command; nothing else need guard it any more. */
  private async writeUnderPrefix(nameOf: (number: number) => string, png: Uint8Array): Promise<string> {
    try {
      return await this.writeFirstFree(nameOf, png);
    } finally {
      await this.close();
    }
  }

  private async writeFirstFree(nameOf: (number: number) => string, png: Uint8Array): Promise<string> {
    for (let number = 0; ; number++) {
      const path = join(this.folder, nameOf(number));
      if (await writeNewFile(path, png)) return path;
    }
  }
}

/** `x.png`, `x-01.png`, `x-02.png` …, none longer than a name may be. */
function suffixed(name: string): (number: number) => string {
  const stem = name.slice(0, -ENDING.length);
  return (number) => {
    const end = (number === 0 ? "" : `-${twoDigits(number)}`) + ENDING;
    return cutToBytes(stem, MAX_NAME_BYTES - end.length) + end;
  };
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
