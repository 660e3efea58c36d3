/** What the grammar reads, before weights are multiplied out. */
export type SyntaxNode =
  | { readonly kind: "text"; readonly text: string }
  /** Text up to the next blank in which no construct was found. */
  | { readonly kind: "free"; readonly text: string }
  /** Brackets or quotation marks without a weight. */
  | { readonly kind: "group"; readonly children: readonly SyntaxNode[] }
  | { readonly kind: "attention"; readonly weight: number; readonly children: readonly SyntaxNode[] }
  | {
      readonly kind: "swap";
      readonly original: readonly SyntaxNode[];
      readonly edited: readonly SyntaxNode[];
      readonly options: readonly OperatorOption[];
    }
  | { readonly kind: "lora"; readonly name: string; readonly weight: number };

/** One of the things between the parentheses of an operator: `0.5`, `no_normalize` (a name alone) or `t_start=0.2`. */
export interface OperatorOption {
  /** "" for a bare number. */
  readonly name: string;
  /** "" for a name alone. */
  readonly value: number | string;
}

/** Something that was read, and where the reader stands after it. */
export interface Reading<T> {
  readonly value: T;
  readonly end: number;
}

/** Whether one of the constructs directly in these nodes is such a one; brackets and quotation marks do not count as constructs. */
export function someConstruct(nodes: readonly SyntaxNode[], is: (node: SyntaxNode) => boolean): boolean {
  return nodes.some((node) => (node.kind === "group" ? someConstruct(node.children, is) : is(node)));
}
