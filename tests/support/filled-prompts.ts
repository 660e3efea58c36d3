/**
 * What stands in a very long text that wants the reader of prompts to take for ever, and the text.
 *
 * @param length characters of each text
 */
export function filledPrompts(length: number): [string, string][] {
  const filled = (start: string, piece: string, end = "") =>
    start + piece.repeat(Math.floor((length - start.length - end.length) / piece.length)) + end;
  return [
    ["open brackets", filled("", "( ")],
    ["closed brackets", filled("", ") ")],
    ["brackets in brackets", filled("", `${"(".repeat(150)}a${")".repeat(150)}+ `)],
    ["brackets a thousand deep", filled("", `${"(".repeat(1000)}a${")".repeat(1000)} `)],
    ["brackets with words that never close", filled("", "(a ")],
    ["groups of nothing", filled("", "(()())+")],
    ["weights", filled("", "(a)+ ")],
    ["words with a weight", filled("", "a- ")],
    ["a run of signs", filled("a", "+")],
    ["a long number", filled("(a)", "1", ".")],
    ["quotation marks", filled("", '"')],
    ["quotations", filled("", '"a" ')],
    ["quotations that do not parse", filled("", '"= ')],
    ["escaped marks in an open quotation", filled('a "', '\\"')],
    ["backslashes", filled("", "\\", "(")],
    ["backslashes before a bracket, then words", `${"\\".repeat(length / 2)}(${" a".repeat(length / 4)}`],
    ["open swaps", filled("", "a.swap( ")],
    ["swaps", filled("", "a.swap(b) ")],
    ["options of a swap", filled("a.swap(b", ", t_end=1", ")")],
    ["prompts of a blend", filled("(", '"a",', '"b").blend()')],
    ["weights of a blend", filled('("a","b").blend(', "1,", "1)")],
    ["prompts of a conjunction", filled("(", "a,", "b).and()")],
    ["LoRAs", filled("", "withLora(a) ")],
    ["a mixture", filled("", "a:1 ")],
    ["a mixture of foreign weights", filled("", "(a:1) ")],
    ["colons", filled("", ":")],
    ["square brackets", filled("", "[")],
    ["negative parts", filled("", "[a] ")],
    ["tags", filled("", "<lora:")],
    ["control characters", filled("", "a\u0001\v\f\0 ")],
    ["blanks", filled("(a", " ", ")+")],
    ["brackets in a negative part", filled("a [", "(b)- ", "]")],
    ["half a surrogate pair", filled("", "\ud800+ ")],
  ];
}
