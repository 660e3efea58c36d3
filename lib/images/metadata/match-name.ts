/**
 * Whether a file name fits a pattern of the shell: `*` any run, `?` one character, `[a-z]` one of these, `[!a-z]` none of these. An
 * opening bracket that is never closed stands for itself. A leading dot is matched by a dot only.
 *
 * Only the last `*` is ever tried again, so the time is at most the product of both lengths.
 */
export function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const parts = readPattern(pattern);
  const characters = [...name];
  let part = 0;
  let at = 0;
  let retry: { part: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === "any run") {
      retry = { part: ++part, at };
    } else if (wanted?.(characters[at] as string)) {
      part++;
      at++;
    } else if (retry) {
      retry.at++;
      ({ part, at } = retry);
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "any run");
}

type PatternPart = "any run" | ((character: string) => boolean);

function readPattern(pattern: string): PatternPart[] {
  const characters = [...pattern];
  const parts: PatternPart[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    // A closing bracket right behind the opening one (or its `!`) is a member.
    const first = characters[i + 1] === "!" ? i + 2 : i + 1;
    const close = character === "[" ? characters.indexOf("]", first + 1) : -1;
    if (character === "*") {
      if (parts.at(-1) !== "any run") parts.push("any run");
    } else if (character === "?") {
      parts.push(() => true);
    } else if (close >= 0) {
      const isMember = readMembers(characters.slice(first, close));
      parts.push(first === i + 2 ? (candidate) => !isMember(candidate) : isMember);
      i = close;
    } else {
      parts.push((candidate) => candidate === character);
    }
  }
  return parts;
}

function readMembers(members: readonly string[]): (character: string) => boolean {
  const ranges: [string, string][] = [];
  for (let i = 0; i < members.length; i++) {
    const from = members[i] as string;
    const to = members[i + 2];
    if (members[i + 1] === "-" && to !== undefined) {
      ranges.push([from, to]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to);
}
