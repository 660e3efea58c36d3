import { joinFloats } from "../join-floats.js";
import { blendFactors } from "../prompt/blend-factors.js";
import { type BlendPrompt, type Conjunction, type FlatPrompt, holdsSwap, type Prompt, swapSide } from "../prompt/tree.js";
import type { WindowEncoder } from "./encode-windows.js";
import { type FittedTokens, fitTokens } from "./fit-tokens.js";
import { EmbeddingSum } from "./join-embeddings.js";
import { allRows, type SharedRows, sharedRows } from "./shared-tokens.js";
import type { LoggedText } from "./token-log.js";
import { CLIP_LENGTH } from "./tokenizer.js";
import type { TextTokenizer } from "./trigger-tokenizer.js";
import { type EncodingOptions, encodeEmpty, encodeWeighted } from "./weigh-tokens.js";

/** Windows of 77 tokens that one prompt may have: the U-Net looks at all of them in every step. */
const MOST_WINDOWS = 16;

/** Characters of a cut text that a note shows. */
const SHOWN = 60;

/** Discarded tokens that the log names. */
const MOST_LOGGED = 1000;

/** What trees are encoded with. */
export interface TreeSettings extends EncodingOptions {
  /** Texts beyond 75 tokens go on in further windows instead of being cut. */
  readonly longPrompts: boolean;
  /** Which side of `.swap()` is encoded. */
  readonly side: "original" | "edited";
}

/** An encoded text. */
export interface Embedding {
  /** (77·windows, width). */
  readonly rows: Float32Array;
  readonly windows: number;
  /** What the other side of `.swap()` holds, too. */
  readonly shared: SharedRows;
}

/** What a text is called in notes and in the log of tokens. */
interface Name {
  readonly note: string;
  readonly log: string;
}

/** Encodes the trees of one prompt; what there is to tell of them gathers on the way. */
export class TreeEncoder {
  /** One sentence each, without a final stop. */
  readonly notes: string[] = [];
  readonly texts: LoggedText[] = [];

  constructor(
    private readonly tokenizer: TextTokenizer,
    private readonly encoder: WindowEncoder,
    private readonly settings: TreeSettings,
  ) {}

  /**
   * The prompts of a conjunction one behind the other, each with its weight around the empty prompt: z₀ + w·(z − z₀), as compel 2 does.
   */
  async encodeConjunction({ prompts, weights }: Conjunction): Promise<Embedding> {
    if (prompts.length > MOST_WINDOWS) this.notes.push(`.and() joins ${prompts.length} prompts; only the first ${MOST_WINDOWS} count`);
    const used = prompts.slice(0, MOST_WINDOWS);
    const parts: Embedding[] = [];
    let room = MOST_WINDOWS;
    for (const [index, prompt] of used.entries()) {
      const weight = weights[index] as number;
      const alone = prompts.length === 1 && weight === 1;
      const name = alone
        ? { note: "The prompt", log: "" }
        : { note: `Part ${index + 1} of .and()`, log: `(.and() part ${index + 1}, weight=${weight})` };
      const part = await this.encode(prompt, name, room - (used.length - index - 1));
      room -= part.windows;
      parts.push(weight === 1 ? part : await this.weigh(part, weight));
    }
    const shared = new Map<string, number>();
    let windows = 0;
    for (const [index, part] of parts.entries()) {
      for (const [name, row] of part.shared) shared.set(`${index} ${name}`, windows * CLIP_LENGTH + row);
      windows += part.windows;
    }
    return { rows: joinFloats(parts.map(({ rows }) => rows)), windows, shared };
  }

  encodeNegative(prompt: Prompt): Promise<Embedding> {
    return this.encode(prompt, { note: "The negative prompt", log: "(negative prompt)" }, MOST_WINDOWS);
  }

  /** The rows of an embedding, behind which empty prompts stand up to this many windows. */
  async fillUp({ rows, windows }: Pick<Embedding, "rows" | "windows">, wanted: number): Promise<Float32Array> {
    if (windows >= wanted) return rows;
    const empty = await encodeEmpty(this.encoder, this.settings);
    return joinFloats([rows, ...new Array<Float32Array>(wanted - windows).fill(empty)]);
  }

  private async weigh({ rows, windows, shared }: Embedding, weight: number): Promise<Embedding> {
    const empty = await encodeEmpty(this.encoder, this.settings);
    const sum = new EmbeddingSum();
    sum.add(rows, weight);
    sum.add(await this.fillUp({ rows: empty, windows: 1 }, windows), 1 - weight);
    return { rows: sum.result(), windows, shared };
  }

  private async encode(prompt: Prompt, name: Name, room: number): Promise<Embedding> {
    const windows = this.settings.longPrompts ? room : 1;
    if (prompt.kind === "blend") return this.encodeBlend(prompt, name, windows);
    const text = this.read(prompt, name, windows);
    return { ...(await this.encodeText(text)), shared: sharedRows(prompt.fragments, this.settings.side, text, this.tokenizer.eos) };
  }

  private async encodeBlend(blend: BlendPrompt, name: Name, mostWindows: number): Promise<Embedding> {
    const texts = blend.prompts.map((prompt, index) => {
      const log = `(blend part ${index + 1}, weight=${blend.weights[index]})`;
      return this.read(prompt, { note: `${name.note}, blended part ${index + 1},`, log: `${name.log} ${log}`.trim() }, mostWindows);
    });
    const windows = texts.reduce((most, text) => Math.max(most, text.windows), 1);
    const sum = new EmbeddingSum();
    for (const [index, factor] of blendFactors(blend).entries()) {
      sum.add(await this.fillUp(await this.encodeText(texts[index] as FittedTokens), windows), factor);
    }
    return { rows: sum.result(), windows, shared: allRows(windows) };
  }

  private async encodeText(text: FittedTokens): Promise<Pick<Embedding, "rows" | "windows">> {
    return { rows: await encodeWeighted(this.encoder, text, this.settings), windows: text.windows };
  }

  /** The tokens of one text; it is logged, and what does not fit is noted. What both sides of a swap share is told with the original one. */
  private read(prompt: FlatPrompt, name: Name, mostWindows: number): FittedTokens {
    const { side } = this.settings;
    const fitted = fitTokens(this.tokenizer, swapSide(prompt.fragments, side), mostWindows);
    const swaps = holdsSwap(prompt);
    if (side === "edited" && !swaps) return fitted;
    this.log(fitted, swaps ? `${name.log} (.swap ${side === "edited" ? "replacements" : "originals"})`.trim() : name.log);
    this.noteCut(fitted, side === "edited" ? { ...name, note: `${name.note} with the words of .swap()` } : name);
    return fitted;
  }

  private log({ spans, discarded }: FittedTokens, label: string): void {
    const read = (ids: readonly number[]) => ids.map((id) => this.tokenizer.decodeToken(id));
    const tokens = read(spans.flatMap(({ ids }) => ids));
    if (tokens.length > 0) this.texts.push({ label, tokens, discarded: read(discarded.slice(0, MOST_LOGGED)) });
  }

  private noteCut({ discarded }: FittedTokens, name: Name): void {
    if (discarded.length === 0) return;
    // A token is no longer than a few dozen characters; enough of them are read for the part that is shown.
    const text = discarded
      .slice(0, SHOWN)
      .map((id) => this.tokenizer.decodeToken(id))
      .join("")
      .trim();
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
    const advice = this.settings.longPrompts ? "" : "; --long_prompts keeps it";
    this.notes.push(`${name.note} is ${discarded.length} token(s) too long and has been truncated: "${shown}" is left out${advice}`);
  }
}
