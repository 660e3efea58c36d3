import { freeWordEnd, hasContent, isBlankAt, readQuotation, runEnd, skipBlanks, skipGap, wordEnd } from "./characters.js";
import { DEEPEST } from "./limits.js";
import { exactPower, readDottedName, readKeyword, readNumber } from "./numbers.js";
import { readOptions } from "./operator-options.js";
import type { Reading, SyntaxNode } from "./syntax-tree.js";

const PLUS = 1.1;
const MINUS = 0.9;

type Nodes = readonly SyntaxNode[];
type Attempt<T> = Reading<T> | undefined;
/** What was found where; undefined where nothing was. */
type Memory = Map<number, Attempt<SyntaxNode>>;

/** Where we read more than the reference does. */
export interface GrammarOptions {
  /** Names of LoRAs may hold dots. In the reference one makes the construct text. */
  readonly dottedNames?: boolean;
}

/**
 * The grammar of a prompt as a parsing expression grammar: alternatives are tried in order, the first that fits is taken, and repetition
 * gives nothing back (compel 1.1.5, which InvokeAI 2.3 uses). Every construct that may be tried again at the same place is remembered, so
 * the time is linear in the length of the text.
 *
 * Every method takes an index and answers what begins there, blanks aside, or undefined.
 */
export class Grammar {
  /** Something was nested deeper than `DEEPEST`. */
  tooDeep = false;
  /** Made when there is something to remember: mixtures with colons have a grammar for each part. */
  #groups: Memory | undefined;
  #swaps: Memory | undefined;
  #depth: number;

  constructor(
    readonly text: string,
    private readonly options: GrammarOptions = {},
    depth = 0,
  ) {
    this.#depth = depth;
  }

  /** All that a prompt holds; ends before the first vertical tab, or form feed without a blank after it. */
  readPrompt(from: number): Reading<SyntaxNode[]> {
    const nodes: SyntaxNode[] = [];
    let at = from;
    while (at < this.text.length) {
      const target = this.readTarget(at);
      const operation = this.#readSwap(at, target) ?? this.readLora(at) ?? this.#readAttention(target);
      const part = operation ?? (target?.value.kind === "group" ? target : undefined);
      if (part) {
        nodes.push(part.value);
        at = part.end;
        continue;
      }
      const end = freeWordEnd(this.text, at);
      if (end > at) nodes.push({ kind: "free", text: this.text.slice(at, end) });
      const next = end > at ? end : skipGap(this.text, at);
      if (next === at) break;
      at = next;
    }
    return { value: nodes, end: at };
  }

  /** What an operator may stand behind: a quotation, a parenthesis or a word. */
  readTarget(from: number): Attempt<SyntaxNode> {
    return this.#readQuotation(from) ?? this.#readParenthesis(from) ?? this.#readWord(from);
  }

  /** A quotation whose content may be anything that a prompt may be. */
  readQuotedPrompt(from: number): Attempt<SyntaxNode> {
    return this.#readInside(from, (inner) => inner.readPrompt(0));
  }

  /** `withLora(name,weight)` */
  readLora(from: number): Attempt<SyntaxNode> {
    const start = skipBlanks(this.text, from);
    if (this.text[start] !== "u" && this.text[start] !== "w") return undefined;
    const word = this.readSymbol(start, "useLora") ?? this.readSymbol(start, "withLora");
    const open = word && this.readSymbol(word.end, "(");
    const readName = this.options.dottedNames ? readDottedName : readKeyword;
    const name = open && readName(this.text, skipBlanks(this.text, open.end));
    if (!name) return undefined;
    const comma = this.readSymbol(name.end, ",");
    const weight = comma && readNumber(this.text, skipBlanks(this.text, comma.end));
    const close = this.readSymbol(weight ? weight.end : name.end, ")");
    return close && { value: { kind: "lora", name: name.value, weight: weight ? weight.value : 1 }, end: close.end };
  }

  readSymbol(from: number, symbol: string): Attempt<string> {
    const start = skipBlanks(this.text, from);
    return this.text.startsWith(symbol, start) ? { value: symbol, end: start + symbol.length } : undefined;
  }

  #readWord(from: number): Attempt<SyntaxNode> {
    const start = skipBlanks(this.text, from);
    const end = wordEnd(this.text, start);
    return end > start ? { value: { kind: "text", text: this.text.slice(start, end) }, end } : undefined;
  }

  /** What parentheses and quotations hold. */
  #readParts(from: number, separators: "" | ",."): Reading<Nodes> {
    const nodes: SyntaxNode[] = [];
    let end = from;
    for (;;) {
      const at = skipBlanks(this.text, end);
      const part = this.#readPart(at) ?? this.#readSeparator(at, separators);
      if (!part) return { value: nodes, end };
      nodes.push(part.value);
      end = part.end;
    }
  }

  #readPart(at: number): Attempt<SyntaxNode> {
    const target = this.readTarget(at);
    return this.readLora(at) ?? this.#readAttention(target) ?? this.#readSwap(at, target) ?? target;
  }

  #readSeparator(at: number, separators: string): Attempt<SyntaxNode> {
    const character = this.text[at];
    if (character === undefined || !separators.includes(character)) return undefined;
    return { value: { kind: "text", text: character }, end: at + 1 };
  }

  #readParenthesis(from: number): Attempt<SyntaxNode> {
    const start = skipBlanks(this.text, from);
    if (this.text[start] !== "(") return undefined;
    this.#groups ??= new Map();
    return remember(this.#groups, start, () => {
      const inside = this.#deeper(() => this.#readParts(start + 1, ",."));
      const close = inside && this.readSymbol(inside.end, ")");
      return close && { value: { kind: "group", children: inside.value }, end: close.end };
    });
  }

  #readQuotation(from: number): Attempt<SyntaxNode> {
    const start = skipBlanks(this.text, from);
    if (this.text[start] !== '"') return undefined;
    this.#groups ??= new Map();
    return remember(this.#groups, start, () => this.#readInside(start, (inner) => inner.#readParts(0, ",.")));
  }

  /** The content of a quotation, which must be read to its end. */
  #readInside(from: number, read: (inner: Grammar) => Reading<Nodes>): Attempt<SyntaxNode> {
    const quotation = readQuotation(this.text, skipBlanks(this.text, from));
    if (!quotation) return undefined;
    if (!hasContent(quotation.value)) return { value: { kind: "group", children: [{ kind: "text", text: "" }] }, end: quotation.end };
    const inner = new Grammar(quotation.value, this.options, this.#depth);
    const content = read(inner);
    this.tooDeep ||= inner.tooDeep;
    if (skipBlanks(inner.text, content.end) < inner.text.length) return undefined;
    return { value: { kind: "group", children: content.value }, end: quotation.end };
  }

  #readAttention(target: Attempt<SyntaxNode>): Attempt<SyntaxNode> {
    if (!target) return undefined;
    const weight = this.#readAttend(target.end) ?? this.#readWeightBehind(target);
    return weight && { value: { kind: "attention", weight: weight.value, children: [target.value] }, end: weight.end };
  }

  /** `.attend(weight)` */
  #readAttend(from: number): Attempt<number> {
    const dot = this.readSymbol(from, ".attend");
    const open = dot && this.readSymbol(dot.end, "(");
    const weight = open && this.#readWeight(skipBlanks(this.text, open.end), true);
    const close = weight && this.readSymbol(weight.end, ")");
    return close && { value: weight.value, end: close.end };
  }

  /** A weight without a blank before it; behind a bare word only signs are one. */
  #readWeightBehind({ value, end }: Reading<SyntaxNode>): Attempt<number> {
    return isBlankAt(this.text, end) ? undefined : this.#readWeight(end, value.kind !== "text");
  }

  /** A run of one sign, or a number without a sign. */
  #readWeight(at: number, numbers: boolean): Attempt<number> {
    const sign = this.text[at];
    if (sign === "+" || sign === "-") {
      const end = runEnd(this.text, at, sign);
      return { value: exactPower(sign === "+" ? PLUS : MINUS, end - at), end };
    }
    return numbers ? readNumber(this.text, at) : undefined;
  }

  /** `original.swap(edited, options)` */
  #readSwap(from: number, target: Attempt<SyntaxNode>): Attempt<SyntaxNode> {
    const dot = target && this.readSymbol(target.end, ".swap");
    const open = dot && this.readSymbol(dot.end, "(");
    if (!open) return undefined;
    this.#swaps ??= new Map();
    return remember(this.#swaps, skipBlanks(this.text, from), () => this.#readSwapped(target, open.end));
  }

  #readSwapped(target: Reading<SyntaxNode>, from: number): Attempt<SyntaxNode> {
    const edited = this.#deeper(() => this.#readParts(from, ""));
    const comma = edited && this.readSymbol(edited.end, ",");
    const options = comma ? readOptions(this.text, comma.end) : undefined;
    const close = edited && this.readSymbol((options ?? edited).end, ")");
    if (!close) return undefined;
    return { value: { kind: "swap", original: [target.value], edited: edited.value, options: options?.value ?? [] }, end: close.end };
  }

  #deeper<T>(read: () => T): T | undefined {
    if (this.#depth === DEEPEST) {
      this.tooDeep = true;
      return undefined;
    }
    this.#depth++;
    const reading = read();
    this.#depth--;
    return reading;
  }
}

/** What was tried at a place before is not tried again, whether it was there or not. */
function remember(memory: Memory, at: number, read: () => Attempt<SyntaxNode>): Attempt<SyntaxNode> {
  const known = memory.get(at);
  if (known !== undefined || memory.has(at)) return known;
  const reading = read();
  memory.set(at, reading);
  return reading;
}
