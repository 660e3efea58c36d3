import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HISTORY_LINES, History } from "../../lib/repl/history/history.js";
import { claim, inTemporaryFolder, rounds, sleep } from "./rounds.js";
import { startScript } from "./start-program.js";

/*
 * Claim: a line whose `append` returned is in the history, whole, whoever is killed with `kill -9`, while up to three programs add lines
 * and shorten the file to its last thousand lines at every start. A line that was being written may be missing or cut off, alone on its line.
 */
const WRITER = fileURLToPath(new URL("./append-history.js", import.meta.url));
/** Few enough that a round never pushes its own lines out of the thousand. */
const LINES_EACH = 300;

await inTemporaryFolder(async (folder) => {
  const runs = rounds(200);
  const path = join(folder, ".dream_history");
  const fill = (count: number) => Array.from({ length: count }, (_, i) => withDigest(`before ${i}`)).join("\n");
  writeFileSync(path, `${fill(HISTORY_LINES)}\n`);
  const seen = { added: 0, cut: 0, twice: 0, leftovers: 0 };

  for (let run = 1; run <= runs; run++) {
    const programs = ["a", "b", "c"].slice(0, 1 + (run % 3)).map((who) => startScript(WRITER, [folder, `${run}${who}`, `${LINES_EACH}`]));
    // All are at work before the first one is killed.
    while (programs.some(({ output, errors }) => output() + errors() === "")) await sleep(2);
    // One after the other, so that the others meet what the first left behind.
    for (const program of programs) {
      await sleep(Math.random() * 150);
      program.kill();
    }
    await Promise.all(programs.map(({ ended }) => ended));
    claim(programs.map(({ errors }) => errors()).join("") === "", `run ${run}: ${programs.map(({ errors }) => errors()).join("")}`);

    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    const there = new Set(lines);
    for (const program of programs) {
      const kept = program.output().split("\n").slice(0, -1);
      seen.added += kept.length;
      const lost = kept.find((line) => !there.has(line));
      claim(lost === undefined, `run ${run}: a line whose append returned is not in the history: ${lost?.slice(0, 60)}`);
      const positions = kept.map((line) => lines.indexOf(line));
      claim(
        positions.every((position, index) => index === 0 || position > (positions[index - 1] as number)),
        `run ${run}: the order of one program's lines was lost`,
      );
    }
    const whole = lines.filter(isWhole);
    claim(lines.length - whole.length <= 3 * run, `run ${run}: more cut lines than killed programs`);
    seen.cut = Math.max(seen.cut, lines.length - whole.length);
    seen.twice = Math.max(seen.twice, lines.length - there.size);
    seen.leftovers = Math.max(seen.leftovers, readdirSync(folder).length - 1);
  }

  const loaded = new History(folder, (text) => claim(false, text)).load();
  claim(loaded.length === HISTORY_LINES && loaded.every((line) => line !== ""), `${loaded.length} lines come back`);
  console.log(
    `${runs} runs: ${seen.added} lines were added before their program was killed, none is lost or torn\n` +
      `at most ${seen.cut} cut lines and ${seen.twice} lines twice in the file; at most ${seen.leftovers} files beside it`,
  );
});

function withDigest(text: string): string {
  return `${text} ${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

function isWhole(line: string): boolean {
  return withDigest(line.slice(0, line.lastIndexOf(" "))) === line;
}
