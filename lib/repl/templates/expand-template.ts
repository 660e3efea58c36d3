import { type Document, isMap } from "yaml";
import { DreamError } from "../../errors.js";
import { MOST_TEMPLATE_CHARACTERS, MOST_TEMPLATE_LINES } from "./limits.js";
import { templatePrompts } from "./template-prompts.js";
import { readRange } from "./template-range.js";
import { countsAsNothing, itemsOf, resolved, scalarText } from "./template-values.js";

/** The lines that a template stands for. */
export interface ExpandedTemplate {
  readonly lines: readonly string[];
  /** Sections whose names mean nothing. */
  readonly unknown: readonly string[];
}

/** Sections with what counts where one is absent, in the order of the cross product: the last one runs fastest. */
const SECTIONS = {
  model: undefined,
  seed: "0",
  prompt: undefined,
  sampler: "ddim",
  cfg: "7.5",
  steps: "30",
  perlin: "0",
  threshold: "0",
  init_img: "",
  strength: "0.75",
  dimensions: "512x512",
} as const;

type Section = keyof typeof SECTIONS;

/**
 * Spells a template out into the lines that InvokeAI's `invokeai-dynamic-prompts` makes of it: the cross product of all values, with
 * `!switch` where the model changes.
 *
 * @throws DreamError file/unreadable when a section makes no sense or there are too many lines
 */
export function expandTemplate(document: Document): ExpandedTemplate {
  const { contents } = document;
  const sections = isMap(contents) ? contents.items.map(({ key }) => scalarText(resolved(key, document)) ?? "") : [];
  const partOf = (name: Section) => resolved(isMap(contents) ? contents.get(name, true) : undefined, document);
  const axes = (Object.keys(SECTIONS) as Section[]).map((name) => {
    const part = partOf(name);
    return { name, values: name === "prompt" ? templatePrompts(part, document) : valuesOf(name, part, document) };
  });
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_TEMPLATE_LINES) {
    throw new DreamError("file/unreadable", `the template makes ${count} lines; at most ${MOST_TEMPLATE_LINES} are made`);
  }
  const unknown = sections.filter((name) => !Object.hasOwn(SECTIONS, name));
  return { lines: spell(axes, count), unknown };
}

interface Axis {
  readonly name: Section;
  readonly values: readonly string[];
}

function valuesOf(name: Section, part: unknown, document: Document): readonly string[] {
  if (countsAsNothing(part)) return [SECTIONS[name] ?? ""];
  const items = itemsOf(part).map((item) => {
    const text = scalarText(resolved(item, document));
    if (text === undefined || /[\r\n]/.test(text))
      throw new DreamError("file/unreadable", `${name}: must hold a value, a range or a list of values`);
    return text;
  });
  const [only = ""] = items;
  // In a list, a range is not one.
  const range = items.length === 1 && part === itemsOf(part)[0] ? readRange(only, name) : undefined;
  // One that runs backwards is as good as absent there.
  return range?.length === 0 ? [SECTIONS[name] ?? ""] : (range ?? items);
}

function spell(axes: readonly Axis[], count: number): string[] {
  const lines: string[] = [];
  let characters = 0;
  let model = "";
  for (let index = 0; index < count; index++) {
    const values = combination(axes, index);
    if (values.model !== model) lines.push(`!switch ${values.model}`);
    model = values.model;
    const line = promptLine(values);
    lines.push(line);
    characters += line.length;
    if (characters > MOST_TEMPLATE_CHARACTERS) throw new DreamError("file/unreadable", "the template makes too many long lines");
  }
  return lines;
}

type Values = Readonly<Record<Section, string>>;

function combination(axes: readonly Axis[], index: number): Values {
  const values: Partial<Record<Section, string>> = {};
  let rest = index;
  for (const { name, values: all } of axes.toReversed()) {
    values[name] = all[rest % all.length] as string;
    rest = Math.floor(rest / all.length);
  }
  return values as Values;
}

/** The blank where an initial picture would stand is theirs, too. */
function promptLine(values: Values): string {
  const { prompt, seed, sampler, cfg, steps, perlin, threshold, init_img: picture, strength, dimensions } = values;
  if (prompt.startsWith("!")) throw new DreamError("file/unreadable", `the prompt "${prompt.slice(0, 60)}" of the template is a command`);
  const [width, height, ...more] = dimensions.split("x");
  if (width === undefined || height === undefined || more.length > 0) {
    throw new DreamError("file/unreadable", `dimensions: must be like 512x512, not ${dimensions.slice(0, 60)}`);
  }
  const image = picture === "" ? "" : `-I${quoted(picture)} -f${strength}`;
  return `${prompt} -S${seed} -A${sampler} -C${cfg} -s${steps} ${image} --perlin=${perlin} --threshold=${threshold} -W${width} -H${height}`;
}

/** Their lines cannot hold a path with blanks. */
function quoted(path: string): string {
  return /[\s"'\\#]/.test(path) ? `"${path.replace(/["\\]/g, "\\$&")}"` : path;
}
