/**
 * Reads the last line of a `parameters` text: `Steps: 20, Sampler: Euler a, Lora hashes: "a: 1, b: 2"`. A value in double quotes is JSON
 * text and may hold commas; a quotation that is never closed is an ordinary value.
 *
 * @returns values by name; the first of several with the same name
 */
export function readInfotextFields(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < line.length) {
    const colon = line.indexOf(":", at);
    if (colon < 0) break;
    const name = line.slice(at, colon).trim();
    let start = colon + 1;
    while (line[start] === " ") start++;
    const quotation = line[start] === '"' ? quotedEnd(line, start) : -1;
    const quoted = quotation < 0 ? undefined : decode(line.slice(start, quotation));
    const comma = line.indexOf(",", quoted === undefined ? start : quotation);
    const end = comma < 0 ? line.length : comma;
    if (name !== "" && !fields.has(name)) fields.set(name, quoted ?? line.slice(start, end).trim());
    at = end + 1;
  }
  return fields;
}

/** Index behind the closing quotation mark, -1 when there is none. */
function quotedEnd(line: string, start: number): number {
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === '"') return i + 1;
  }
  return -1;
}

function decode(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
