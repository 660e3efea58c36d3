import type { TextEncoder } from "../networks/network-sessions.js";
import { CLIP_LENGTH, type ClipTokenizer } from "./tokenizer.js";

/** A series of pictures asks for the same few windows again and again; one takes about 240 kB with Stable Diffusion 1.x. */
const REMEMBERED = 128;

/** Runs the text encoder over windows of 77 tokens, one at a time, and remembers the latest answers. */
export class WindowEncoder {
  readonly #answers = new Map<string, Float32Array>();

  constructor(
    private readonly tokenizer: ClipTokenizer,
    private readonly encoder: TextEncoder,
  ) {}

  /** Whether tokens can be hidden; without that `hidden` must not be given. */
  canHide(): Promise<boolean> {
    return this.encoder.canHide();
  }

  /**
   * @param tokens at most 75, without BOS and EOS
   * @param clipSkip layers left out at the end, beyond the model's own choice
   * @param hidden for each token, whether the others shall not see it
   * @returns (77, width), BOS, EOS and padding included; not to be written to
   */
  async encode(tokens: readonly number[], clipSkip: number, hidden: readonly boolean[] = []): Promise<Float32Array> {
    const mask = hidden.includes(true) ? Int32Array.from({ length: CLIP_LENGTH }, (_, i) => (hidden[i - 1] ? 0 : 1)) : undefined;
    const key = `${clipSkip}:${tokens.join()}:${mask?.join("") ?? ""}`;
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#answers.delete(key);
      this.#answers.set(key, known);
      return known;
    }
    const answer = await this.encoder.encode(this.tokenizer.frame(tokens), 1, clipSkip, mask);
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined && this.#answers.size >= REMEMBERED) this.#answers.delete(oldest);
    this.#answers.set(key, answer);
    return answer;
  }
}
