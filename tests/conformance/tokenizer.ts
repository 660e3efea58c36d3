import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ClipTokenizer, loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import type { CaseResult, ConformanceKind } from "./kind.js";

interface TokenizerCase {
  readonly text: string;
  /** With BOS and EOS when the first one is BOS, else bare; never cut or padded. */
  readonly ids: readonly number[];
  /** Folder with vocab.json and merges.txt, relative to the working directory or to tests/oracles/tokenizer; default CLIP's own. */
  readonly tokenizer?: string;
}

const ORACLES = join(PACKAGE_ROOT, "tests", "oracles", "tokenizer");

/** KIND `tokenizer`: one JSON object a line. */
export const runTokenizerCases: ConformanceKind = async (text) => {
  const results: CaseResult[] = [];
  const tokenizers = new Map<string | undefined, ClipTokenizer>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const { text: prompt, ids, tokenizer: folder } = JSON.parse(line) as TokenizerCase;
    const tokenizer = tokenizers.get(folder) ?? (await loadTokenizer(folder && findFolder(folder)));
    tokenizers.set(folder, tokenizer);
    const bare = tokenizer.encode(prompt);
    const got = ids[0] === tokenizer.bos ? [tokenizer.bos, ...bare, tokenizer.eos] : bare;
    const same = got.length === ids.length && got.every((id, i) => id === ids[i]);
    const name = `line ${index + 1} ${JSON.stringify(prompt.slice(0, 60))}`;
    results.push(same ? { name } : { name, difference: { expected: ids, got } });
  }
  return results;
};

function findFolder(folder: string): string {
  const here = resolve(folder);
  return existsSync(here) ? here : join(ORACLES, folder);
}
