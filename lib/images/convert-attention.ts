/** A prompt in our notation and what its own notation said that ours cannot. */
export interface ConvertedPrompt {
  readonly prompt: string;
  /** Brackets that change the prompt between steps (`[cat:dog:0.5]`, `[cat|dog]`): only their words are kept. */
  readonly schedules: boolean;
}

/** `(x)` multiplies attention by this, `[x]` divides by it. */
const GROUP_FACTOR = 1.1;

/** A bracket that is still open. */
interface Group {
  readonly bracket: "(" | "[";
  /** Index of the bracket in the output. */
  readonly start: number;
  /** Where `:` and `|` stand in it, inner groups aside. */
  readonly separators: number[];
}

/**
 * Turns AUTOMATIC1111's attention into ours: `(cat:1.2)` becomes `(cat)1.2`, `(cat)` becomes `(cat)1.1`, `[cat]` becomes `(cat)0.91`,
 * `<lora:name:0.8>` becomes `withLora(name,0.8)`. No square bracket is left, for here they hold the negative prompt. Escaped and unpaired
 * parentheses stay as they are.
 */
export function convertAttention(text: string): ConvertedPrompt {
  const out: string[] = [];
  const open: Group[] = [];
  let schedules = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    const group = open.at(-1);
    if (character === "\\" && i + 1 < text.length) {
      const next = text[++i] as string;
      if (next !== "[" && next !== "]") out.push(character, next);
      continue;
    }
    if (character === "(" || character === "[") {
      open.push({ bracket: character, start: out.length, separators: [] });
    } else if (group && character === (group.bracket === "(" ? ")" : "]")) {
      open.pop();
      if (character === ")") closeParenthesis(out, group);
      else schedules = closeBracket(out, group) || schedules;
      continue;
    } else if (character === ":" || character === "|") {
      group?.separators.push(out.length);
    }
    out.push(character);
  }
  // Only unpaired square brackets are left.
  return { prompt: convertLoras(out.join("").replace(/[[\]]/g, "")), schedules };
}

function closeParenthesis(out: string[], { start, separators }: Group): void {
  const colon = separators.at(-1) ?? start;
  const weight =
    out.length - colon > 20 || out[colon] !== ":"
      ? ""
      : out
          .slice(colon + 1)
          .join("")
          .trim();
  if (/^(\d+(\.\d*)?|\.\d+)$/.test(weight)) {
    out.length = colon;
    out.push(`)${Number(weight)}`);
  } else {
    out.push(`)${GROUP_FACTOR}`);
  }
}

/** @returns true when the group was a schedule */
function closeBracket(out: string[], { start, separators }: Group): boolean {
  const isSchedule = separators.length > 0;
  out[start] = isSchedule ? "" : "(";
  if (!isSchedule) out.push(`)${(1 / GROUP_FACTOR).toFixed(2)}`);
  for (const at of separators) out[at] = " ";
  return isSchedule;
}

function convertLoras(text: string): string {
  const tag = /<lora:([\w-]{1,200})(?::(\d{1,8}(?:\.\d{1,8})?))?[\d.:]{0,20}>/g;
  return text.replace(tag, (_, name: string, weight = "1") => `withLora(${name},${weight})`);
}
