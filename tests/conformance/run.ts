import { readFile } from "node:fs/promises";
import { runCommandLineCases } from "./command-line.js";
import type { ConformanceKind } from "./kind.js";
import { runPromptCases } from "./prompt.js";
import { runSchedulerCases } from "./scheduler.js";
import { runTokenizerCases } from "./tokenizer.js";

/** `npm run conformance -- KIND FILE`. A new kind is one file beside this one and one line here. */
const KINDS: Readonly<Record<string, ConformanceKind>> = {
  "command-line": runCommandLineCases,
  prompt: runPromptCases,
  scheduler: runSchedulerCases,
  tokenizer: runTokenizerCases,
};

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit status: 0 all passed, 1 some differ, 2 wrong call or unreadable file */
async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  const [kind, file] = args;
  if (kind === undefined || file === undefined || args.length > 2 || !Object.hasOwn(KINDS, kind)) {
    console.error(`usage: npm run conformance -- KIND FILE, with KIND one of ${Object.keys(KINDS).join(", ")}`);
    return 2;
  }
  try {
    const results = await KINDS[kind]!(await readFile(file, "utf8"));
    const failures = results.filter((result) => result.difference !== undefined);
    for (const { name, difference } of failures) {
      console.log(`${name}\n  expected ${JSON.stringify(difference!.expected)}\n  got      ${JSON.stringify(difference!.got)}`);
    }
    console.log(`${results.length - failures.length} passed, ${failures.length} failed`);
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}
