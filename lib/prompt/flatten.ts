import { readSwapOptions } from "./swap-options.js";
import { type SyntaxNode, someConstruct } from "./syntax-tree.js";
import type { Fragment, LoraUse } from "./tree.js";

/** What is found on the way through the nodes of a text. */
export class Findings {
  readonly loras: LoraUse[] = [];
  /** One sentence each. */
  readonly hints: string[] = [];
  /** Words that hold characters of the grammar as text. */
  readonly literalWords: string[] = [];
  /** Words whose weight is beyond all numbers. */
  readonly overflowing: string[] = [];
}

/**
 * Multiplies nested weights out and joins neighbours of equal weight with a blank.
 *
 * @returns none when the nodes hold no text, not even an empty one
 */
export function flatten(nodes: readonly SyntaxNode[], findings: Findings): Fragment[] {
  return fuse(spread(nodes, 1, findings, []));
}

/** Appends the fragments of the nodes, weighted, to `fragments`. */
function spread(nodes: readonly SyntaxNode[], scale: number, findings: Findings, fragments: Fragment[]): Fragment[] {
  for (const node of nodes) {
    switch (node.kind) {
      case "group":
        spread(node.children, scale, findings, fragments);
        break;
      case "attention":
        spread(node.children, scale * node.weight, findings, fragments);
        break;
      case "lora":
        findings.loras.push({ name: node.name, weight: node.weight });
        break;
      case "swap": {
        const original = spreadSide(node.original, scale, findings);
        const edited = spreadSide(node.edited, scale, findings);
        fragments.push({ kind: "swap", original, edited, options: readSwapOptions(node.options, findings.hints) });
        break;
      }
      default:
        if (node.kind === "free" && isLiteral(node.text)) findings.literalWords.push(node.text);
        if (!Number.isFinite(scale)) findings.overflowing.push(node.text);
        fragments.push({ kind: "text", text: node.text, weight: scale });
    }
  }
  return fragments;
}

/** A side without anything is an empty text of the swap's weight; one with nothing but LoRAs weighs 1, as in the reference. */
function spreadSide(nodes: readonly SyntaxNode[], scale: number, findings: Findings): Fragment[] {
  const isEmpty = !someConstruct(nodes, () => true);
  const fragments = spread(isEmpty ? [{ kind: "text", text: "" }] : nodes, scale, findings, []);
  return fuse(fragments.length > 0 ? fragments : [{ kind: "text", text: "", weight: 1 }]);
}

/** A free word that may have been meant as more: it holds a bracket or a quotation mark, or signs behind a word. */
function isLiteral(text: string): boolean {
  return /[()"]|[^\s+-][+-]$/.test(text.replace(/\\./gs, ""));
}

function fuse(fragments: readonly Fragment[]): Fragment[] {
  const fused: Fragment[] = [];
  for (let i = 0; i < fragments.length; ) {
    const first = fragments[i] as Fragment;
    if (first.kind === "swap") {
      fused.push(first);
      i++;
      continue;
    }
    const run: string[] = [];
    for (let next: Fragment | undefined = first; next?.kind === "text" && next.weight === first.weight; next = fragments[++i]) {
      run.push(next.text);
    }
    fused.push({ kind: "text", text: joinRun(run), weight: first.weight });
  }
  return fused;
}

/**
 * The reference takes a backslash off every escaped bracket or quotation mark whenever it makes a fragment: twice for each, and once more
 * for every join that it takes part in. Rows of backslashes show it.
 */
function joinRun(texts: readonly string[]): string {
  return texts.map((text, i) => dropBackslashes(text, 2 + (texts.length - Math.max(i, 1)))).join(" ");
}

function dropBackslashes(text: string, times: number): string {
  return text.replace(/\\+[()"]?/g, (run) => {
    const slashes = '()"'.includes(run.at(-1) as string) ? run.length - 1 : 0;
    return slashes === 0 ? run : run.slice(Math.min(times, slashes));
  });
}
