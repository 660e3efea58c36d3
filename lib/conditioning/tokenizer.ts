import { DreamError } from "../errors.js";
import { readBytes, spellBytes } from "./byte-alphabet.js";
import { type Merge, mergePairs } from "./byte-pair-merge.js";
import { BOS_TOKEN, END_OF_WORD, EOS_TOKEN, packagedClipVocabulary, readVocabularyFolder, type Vocabulary } from "./clip-vocabulary.js";

/** Positions of CLIP's text encoder. */
export const CLIP_LENGTH = 77;

/** A prompt in the shape that the text encoder takes. */
export interface PaddedTokens {
  /** BOS, tokens, EOS, padding: exactly the asked length. */
  readonly ids: Int32Array;
  /** Tokens that did not fit, in order. */
  readonly discarded: readonly number[];
}

/** Words of ordinary length are remembered; prompts repeat themselves. */
const CACHED_WORD_LENGTH = 64;
const CACHED_WORDS = 10_000;

/** ids of at most 2²⁰ leave room for a pair in one exact number. */
const PAIR_BASE = 2 ** 20;

/**
 * CLIP's byte-level BPE, exact for any text: NFC, white space to one blank, lower case per code point, words by the pattern below.
 * Source: transformers 5 `CLIPTokenizer` (the "fast" one; OpenAI's and the old slow one repair mojibake with ftfy first, this one
 * does not); verified by tests/oracles/tokenizer. Known divergences: letters that the Unicode version of one side does not know yet, and
 * `<|STARTOFTEXT|>` in capitals, which some tokenizer_config.json files also make the special token.
 */
export class ClipTokenizer {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  /** One more than the largest id. */
  readonly size: number;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens: ReadonlyMap<number, string>;
  readonly #merges = new Map<number, Merge>();
  readonly #words = new Map<string, readonly number[]>();
  /** Texts that are tokens of their own wherever they stand; the capture group keeps them when splitting. */
  readonly #special: RegExp;

  /**
   * @param pad id of the padding token; by default what the vocabulary's folder names, else EOS
   * @throws DreamError tokenizer/vocabulary when special tokens are missing or a merge names unknown tokens
   */
  constructor(vocabulary: Vocabulary, pad?: number) {
    const id = (token: string) => {
      const found = vocabulary.ids.get(token);
      if (found !== undefined) return found;
      throw new DreamError("tokenizer/vocabulary", `${vocabulary.origin} has no token ${JSON.stringify(token.slice(0, 60))}`);
    };
    this.#ids = vocabulary.ids;
    this.#tokens = new Map([...vocabulary.ids].map(([token, number]) => [number, token]));
    this.size = [...this.#tokens.keys()].reduce((largest, id) => Math.max(largest, id), -1) + 1;
    this.bos = id(BOS_TOKEN);
    this.eos = id(EOS_TOKEN);
    this.pad = pad ?? (vocabulary.pad === undefined ? this.eos : id(vocabulary.pad));
    // The padding token is one of them in transformers: with the files of SD 2.x every "!" is token 0, not the token for "!".
    const special = new Set([BOS_TOKEN, EOS_TOKEN, this.#tokens.get(this.pad) ?? EOS_TOKEN]);
    this.#special = new RegExp(
      `(${[...special]
        .sort((a, b) => b.length - a.length)
        .map(escapeForPattern)
        .join("|")})`,
    );
    vocabulary.merges.forEach(([left, right], rank) => {
      this.#merges.set(id(left) * PAIR_BASE + id(right), { rank, id: id(left + right) });
    });
  }

  /** Token ids of a text, without BOS and EOS, of any length. `<|startoftext|>` and `<|endoftext|>` in it are the special tokens. */
  encode(text: string): number[] {
    const ids: number[] = [];
    text.split(this.#special).forEach((part, index) => {
      // Every second part is what the pattern captured.
      if (index % 2 === 1) ids.push(this.#ids.get(part) ?? this.eos);
      else for (const word of splitWords(part)) for (const id of this.#encodeWord(word)) ids.push(id);
    });
    return ids;
  }

  /**
   * A text as the encoder takes it: at most `length` − 2 tokens between BOS and EOS, then padding.
   * @param length at least 2
   */
  encodePadded(text: string, length = CLIP_LENGTH): PaddedTokens {
    const tokens = this.encode(text);
    return { ids: this.frame(tokens, length), discarded: tokens.slice(length - 2) };
  }

  /** BOS, as many of `tokens` as fit, EOS, padding. @param length at least 2 */
  frame(tokens: readonly number[], length = CLIP_LENGTH): Int32Array {
    const ids = new Int32Array(length).fill(this.pad);
    const kept = tokens.slice(0, length - 2);
    ids[0] = this.bos;
    ids.set(kept, 1);
    ids[kept.length + 1] = this.eos;
    return ids;
  }

  /** Readable text of one token: a blank stands where a word ends; part of a character shows as U+FFFD, an unknown id as "". */
  decodeToken(id: number): string {
    const token = this.#tokens.get(id) ?? "";
    if (token === BOS_TOKEN || token === EOS_TOKEN) return token;
    return token.endsWith(END_OF_WORD) ? `${readBytes(token.slice(0, -END_OF_WORD.length))} ` : readBytes(token);
  }

  #encodeWord(word: string): readonly number[] {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const characters = spellBytes(word);
    characters[characters.length - 1] += END_OF_WORD;
    // Own vocabularies may lack bytes; transformers puts the unknown token there, which is EOS for CLIP.
    const symbols = characters.map((character) => this.#ids.get(character) ?? this.eos);
    const ids = mergePairs(symbols, (left, right) => this.#merges.get(left * PAIR_BASE + right));
    if (word.length <= CACHED_WORD_LENGTH) {
      if (this.#words.size >= CACHED_WORDS) this.#words.clear();
      this.#words.set(word, ids);
    }
    return ids;
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** `\s` of the reference is Unicode's White_Space: with U+0085, without U+FEFF, unlike JavaScript's. */
const BLANKS = /\p{White_Space}+/gu;

const WORD = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** A special token's text that was not one (spelt in capitals) falls apart in the reference's second, byte-level splitter. */
const SPELT_SPECIAL = /^<\|(startoftext|endoftext)\|>$/;

function* splitWords(text: string): Generator<string> {
  const blanked = text.normalize("NFC").replace(BLANKS, " ");
  // Per code point: in whole strings JavaScript turns a word's last Σ into ς, the reference does not.
  let lower = "";
  for (const character of blanked) lower += character.toLowerCase();
  for (const [word] of lower.matchAll(WORD)) {
    const special = SPELT_SPECIAL.exec(word);
    if (special) yield* ["<|", special[1]!, "|>"];
    else yield word;
  }
}

let packaged: ClipTokenizer | undefined;

/**
 * The tokenizer of a model.
 * @param folder `tokenizer/` of a diffusers folder; without it the packaged vocabulary of CLIP
 * @param pad id of the padding token, where the model's kind decides it (OpenCLIP: 0)
 * @throws DreamError tokenizer/vocabulary, file/not-found, file/unreadable
 */
export async function loadTokenizer(folder?: string, pad?: number): Promise<ClipTokenizer> {
  if (folder !== undefined) return new ClipTokenizer(await readVocabularyFolder(folder), pad);
  if (pad !== undefined) return new ClipTokenizer(packagedClipVocabulary(), pad);
  packaged ??= new ClipTokenizer(packagedClipVocabulary());
  return packaged;
}
