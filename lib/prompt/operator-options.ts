import { skipBlanks } from "./characters.js";
import { readKeyword, readNumber } from "./numbers.js";
import type { OperatorOption, Reading } from "./syntax-tree.js";

/** What an operator was given: `0.3, t_start=0.2, no_normalize`; possibly nothing. */
export function readOptions(text: string, from: number): Reading<OperatorOption[]> {
  const options: OperatorOption[] = [];
  let end = from;
  for (let option = readOption(text, from); option !== undefined; ) {
    options.push(option.value);
    end = option.end;
    const comma = skipBlanks(text, end);
    option = text[comma] === "," ? readOption(text, comma + 1) : undefined;
  }
  return { value: options, end };
}

function readOption(text: string, from: number): Reading<OperatorOption> | undefined {
  const start = skipBlanks(text, from);
  const name = readKeyword(text, start);
  const equals = name && skipBlanks(text, name.end);
  if (name && equals !== undefined && text[equals] === "=") {
    const at = skipBlanks(text, equals + 1);
    const value = readNumber(text, at) ?? readKeyword(text, at);
    if (value) return { value: { name: name.value, value: value.value }, end: value.end };
  }
  const number = readNumber(text, start);
  if (number) return { value: { name: "", value: number.value }, end: number.end };
  return name && { value: { name: name.value, value: "" }, end: name.end };
}
