import { skipBlanks } from "./characters.js";
import { Grammar, type GrammarOptions } from "./grammar.js";
import { readOptions } from "./operator-options.js";
import type { OperatorOption, Reading, SyntaxNode } from "./syntax-tree.js";

/** The nodes of one prompt. */
export type Item = readonly SyntaxNode[];

/** What a whole text is. */
export interface Root {
  /** `mixture` is `(…).blend(…)`, `conjunction` is `(…).and(…)`; a `prompt` is one item without options. */
  readonly kind: "prompt" | "mixture" | "conjunction";
  readonly items: readonly Item[];
  readonly options: readonly OperatorOption[];
  /** LoRAs before and after a mixture. */
  readonly loras: Item;
  /** Text behind the construct that does not belong to it; "" when it was read to its end. */
  readonly rest: string;
  /** Something was nested too deep and is text. */
  readonly tooDeep: boolean;
}

/** Reads a whole text. Behind a conjunction anything may stand, behind a mixture only LoRAs. */
export function readRoot(text: string, options: GrammarOptions): Root {
  const grammar = new Grammar(text, options);
  const root = (kind: Root["kind"], end: number, items: readonly Item[], options: readonly OperatorOption[] = [], loras: Item = []) => {
    return { kind, items, options, loras, rest: text.slice(skipBlanks(text, end)), tooDeep: grammar.tooDeep };
  };
  const conjunction = readJoined(grammar, 0, [".and", ".add"]);
  if (conjunction) return root("conjunction", conjunction.end, conjunction.value.items, conjunction.value.options);
  const before = readLoras(grammar, 0);
  const mixture = readJoined(grammar, before.end, [".blend"]);
  if (mixture) {
    const after = readLoras(grammar, mixture.end);
    return root("mixture", after.end, mixture.value.items, mixture.value.options, [...before.value, ...after.value]);
  }
  const prompt = grammar.readPrompt(0);
  return root("prompt", prompt.end, [prompt.value]);
}

interface Joined {
  readonly items: readonly Item[];
  readonly options: readonly OperatorOption[];
}

/** `(item, item).operator(options)` */
function readJoined(grammar: Grammar, from: number, operators: readonly string[]): Reading<Joined> | undefined {
  const items: Item[] = [];
  let separator = grammar.readSymbol(from, "(");
  let end = from;
  while (separator) {
    const item = grammar.readTarget(separator.end) ?? grammar.readQuotedPrompt(separator.end);
    if (!item) break;
    items.push([item.value]);
    end = item.end;
    separator = grammar.readSymbol(end, ",");
  }
  const close = items.length > 0 ? grammar.readSymbol(end, ")") : undefined;
  if (!close) return undefined;
  const operator = operators.map((name) => grammar.readSymbol(close.end, name)).find((found) => found !== undefined);
  const open = operator && grammar.readSymbol(operator.end, "(");
  if (!open) return undefined;
  const options = readOptions(grammar.text, open.end);
  const last = grammar.readSymbol(options.end, ")");
  return last && { value: { items, options: options.value }, end: last.end };
}

function readLoras(grammar: Grammar, from: number): Reading<SyntaxNode[]> {
  const value: SyntaxNode[] = [];
  let end = from;
  for (let lora = grammar.readLora(end); lora; lora = grammar.readLora(end)) {
    value.push(lora.value);
    end = lora.end;
  }
  return { value, end };
}
