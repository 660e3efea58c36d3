import { type Document, isMap, isScalar, isSeq } from "yaml";
import { DreamError } from "../../errors.js";
import { MOST_TEMPLATE_CHARACTERS, MOST_TEMPLATE_LINES } from "./limits.js";
import { countsAsNothing, itemsOf, resolved, scalarText } from "./template-values.js";

/** What InvokeAI draws when a template names no prompt. */
const NO_PROMPT = "banana sushi";

/** What Python's `format` looks at: doubled braces, which become one, labels, and braces without a partner. */
const PIECE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/**
 * The prompts of a template: one text, a list, or a mapping of lists with a text in which they are put, `template: a {thing} in {style}`. The
 * lists run through all combinations, the last label of the text fastest.
 *
 * @throws DreamError file/unreadable
 */
export function templatePrompts(section: unknown, document: Document): string[] {
  if (countsAsNothing(section)) return [NO_PROMPT];
  if (isScalar(section) || isSeq(section)) return itemsOf(section).map((item) => promptText(item, "prompt", document));
  if (!isMap(section)) throw refused("prompt: must hold a text, a list of texts, or lists with a template");
  const partOf = (label: string) => resolved(section.get(label, true), document);
  const template = scalarText(partOf("template"));
  if (template === undefined || template === "") throw refused('the "prompt" section must contain a "template" definition');
  const labels = [...template.matchAll(PIECE)].flatMap(([, label]) => label || []);
  // There, too, a text without labels is not formatted.
  if (labels.length === 0) return [oneLine(template)];
  const lists = labels.map((label) => {
    const part = partOf(label);
    if (part === undefined) throw refused(`the template holds {${label.slice(0, 60)}}, but prompt: has no list of that name`);
    return itemsOf(part).map((item) => promptText(item, label, document));
  });
  const count = lists.reduce((product, list) => product * list.length, 1);
  if (count > MOST_TEMPLATE_LINES) throw refused(`the template makes ${count} prompts; at most ${MOST_TEMPLATE_LINES} are made`);
  if (count === 0) return [NO_PROMPT];
  const prompts: string[] = [];
  let characters = 0;
  for (let index = 0; index < count; index++) {
    const prompt = fill(template, valuesAt(labels, lists, index));
    prompts.push(prompt);
    characters += prompt.length;
    if (characters > MOST_TEMPLATE_CHARACTERS) throw refused("the template makes too many long prompts");
  }
  return prompts;
}

/** The combination of this number; of a label that stands twice the later place counts, as there. */
function valuesAt(labels: readonly string[], lists: readonly (readonly string[])[], index: number): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let rest = index;
  for (let place = labels.length - 1; place >= 0; place--) {
    const list = lists[place] as readonly string[];
    const label = labels[place] as string;
    if (!values.has(label)) values.set(label, list[rest % list.length] as string);
    rest = Math.floor(rest / list.length);
  }
  return values;
}

/** Python's `format`, as far as labels alone go. */
function fill(template: string, values: ReadonlyMap<string, string>): string {
  const text = template.replace(PIECE, (piece, label?: string) => {
    if (piece === "{{" || piece === "}}") return piece[0] as string;
    const value = label === undefined ? undefined : values.get(label);
    if (value === undefined) throw refused(`the template holds a single ${piece.slice(0, 60)}; a brace that stays is written twice`);
    return value;
  });
  return oneLine(text);
}

function promptText(item: unknown, name: string, document: Document): string {
  const text = scalarText(resolved(item, document));
  if (text === undefined) throw refused(`${name.slice(0, 60)}: must hold texts`);
  return oneLine(text);
}

/** A line end would make two lines of it. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+$/, "").replace(/[\r\n]+/g, " ");
}

function refused(message: string): DreamError {
  return new DreamError("file/unreadable", message);
}
