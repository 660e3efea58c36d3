/** A place in a text where a trigger stands. */
export interface TriggerPlace<Value> {
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
  readonly value: Value;
}

interface Branch<Value> {
  readonly next: Map<string, Branch<Value>>;
  value?: Value;
}

/**
 * Finds triggers in texts as they are written: capitals count, the longest one at a place wins, and where a trigger begins or ends with a letter,
 * a digit or `_`, no other of these may stand beside it ("art" is not in "party").
 */
export class TriggerFinder<Value> {
  readonly #root: Branch<Value> = { next: new Map() };

  /** @param triggers no empty ones */
  constructor(triggers: Iterable<readonly [trigger: string, value: Value]>) {
    for (const [trigger, value] of triggers) {
      let branch = this.#root;
      for (let at = 0; at < trigger.length; at++) {
        const unit = trigger[at] as string;
        const known = branch.next.get(unit);
        const next: Branch<Value> = known ?? { next: new Map() };
        if (known === undefined) branch.next.set(unit, next);
        branch = next;
      }
      branch.value = value;
    }
  }

  /** From left to right, without overlaps. */
  find(text: string): TriggerPlace<Value>[] {
    const places: TriggerPlace<Value>[] = [];
    if (this.#root.next.size === 0) return places;
    for (let at = 0; at < text.length; ) {
      const place = this.#longestAt(text, at);
      if (place !== undefined) places.push(place);
      at = place?.end ?? at + 1;
    }
    return places;
  }

  #longestAt(text: string, start: number): TriggerPlace<Value> | undefined {
    let longest: TriggerPlace<Value> | undefined;
    let branch = this.#root.next.get(text[start] as string);
    if (branch === undefined || joins(text, start)) return undefined;
    for (let end = start + 1; branch !== undefined; end++) {
      if (branch.value !== undefined && !joins(text, end)) longest = { start, end, value: branch.value };
      branch = end < text.length ? branch.next.get(text[end] as string) : undefined;
    }
    return longest;
  }
}

const WORD = /^[\p{L}\p{N}_]$/u;

/** Whether the characters on both sides of a place belong to one word. */
function joins(text: string, at: number): boolean {
  if (at === 0 || at === text.length) return false;
  const before = text.codePointAt(at - 1) as number;
  // Of a pair of surrogates the second one alone is no character.
  const left = before >= 0xdc00 && before <= 0xdfff && at > 1 ? (text.codePointAt(at - 2) as number) : before;
  return isWord(left) && isWord(text.codePointAt(at) as number);
}

function isWord(code: number): boolean {
  return WORD.test(String.fromCodePoint(code));
}
