import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { PictureFolderInspector, prefixOf } from "./picture-folder.js";
import { claim, inTemporaryFolder, rounds, sleep } from "./rounds.js";
import { type RunningProgram, startDream } from "./start-program.js";

/*
 * Claim: `kill -9` of the whole program at any moment of a batch leaves nothing half-done. Every picture with a final name decodes and
 * carries its command, every log entry is whole and names such a picture, no picture changes afterwards, numbers go on rising, also when
 * two programs share the folder. Every batch works in the folder that the one before left behind. What killed programs leave are hidden
 * files that disturb nobody; later programs remove them.
 */
const SMALL = "-W64 -H64";
/** Every third run shares the folder with a second program. */
const SHARED_EVERY = 3;
const LINES = 6;

/** Prompts tell who made a picture, so that a number used by two programs shows. */
function batch(who: string): readonly string[] {
  return [
    `${who} 1 a red circle -s1 ${SMALL}`,
    `${who} 2 a blue star -n3 -s1 ${SMALL}`,
    `${who} 3 a green house -g -n2 -s1 ${SMALL}`,
    `${who} 4 a yellow tree --save_intermediates 1 -s2 ${SMALL}`,
    `${who} 5 ${"a very long prompt ".repeat(400)} -n2 -s1 ${SMALL}`,
    `${who} 6 a red moon -v0.2 -n2 -s1 ${SMALL}`,
  ];
}

await inTemporaryFolder(async (folder) => {
  const runs = rounds(200);
  const outdir = join(folder, "outputs");
  const inspector = new PictureFolderInspector(outdir);
  const start = (who: string) => startDream(["-o", outdir], batch(who));

  const reference = start("undisturbed");
  const { begun, duration } = await timed(reference);
  claim((await reference.ended) === 0, `the undisturbed batch failed: ${reference.errors()}`);
  claim((await inspector.look()).leftovers.length === 0, "the undisturbed batch left something");
  console.log(`undisturbed: ${begun.toFixed(0)} ms to the first line, ${duration.toFixed(0)} ms for the batch`);

  const seen = { killed: 0, finished: 0, mostLeftovers: 0, unlogged: 0, empty: 0 };
  let unlogged = 0;
  for (let run = 1; run <= runs; run++) {
    const before = inspector.highestPrefix;
    const programs = run % SHARED_EVERY === 0 ? [start(`run ${run} first`), start(`run ${run} second`)] : [start(`run ${run}`)];
    // Every tenth dies while it starts or loads.
    if (run % 10 === 0) await sleep(Math.random() * begun);
    else await untilMoment(programs, duration);
    for (const program of programs) program.kill();
    const statuses = await Promise.all(programs.map(({ ended }) => ended));
    seen.killed += statuses.filter((status) => status === null).length;
    seen.finished += statuses.filter((status) => status === 0).length;
    claim(
      statuses.every((status) => status === null || status === 0),
      `run ${run} failed by itself: ${programs.map(({ errors }) => errors()).join()}`,
    );

    const found = await inspector.look();
    claim(
      found.newPictures.every((name) => prefixOf(name) > before),
      `run ${run}: a number was used again`,
    );
    claim(found.unlogged.length - unlogged <= programs.length, `run ${run}: more pictures without a log entry than killed programs`);
    unlogged = found.unlogged.length;
    seen.mostLeftovers = Math.max(seen.mostLeftovers, found.leftovers.length);
    if (found.newPictures.length === 0) seen.empty++;
    // What a program told the user is in the folder and in the log.
    for (const path of programs.flatMap(listed)) {
      claim(!found.unlogged.some((name) => join(outdir, name) === path), `run ${run}: ${path} was listed but not logged`);
    }
    if (run % 20 === 0) console.log(`${run} runs: ${inspector.pictures} whole pictures, ${found.leftovers.length} hidden files lie there`);
  }

  // What programs left the day before goes when the next command begins; the day need not be waited for here.
  const dayBefore = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const name of readdirSync(outdir).filter((entry) => entry.startsWith("."))) utimesSync(join(outdir, name), dayBefore, dayBefore);
  const last = start("last");
  claim((await last.ended) === 0, `the last batch failed: ${last.errors()}`);
  const { leftovers } = await inspector.look();
  claim(leftovers.length === 0, `these are never removed: ${leftovers.join(", ")}`);

  console.log(
    `${runs} runs, ${seen.killed} programs killed, ${seen.finished} were quicker; ${seen.empty} runs made no picture\n` +
      `${inspector.pictures} pictures, all whole, numbers up to ${inspector.highestPrefix}\n` +
      `${unlogged} finished pictures are in no log and ${inspector.onlyInText.size} only in dream_log.txt: killed between picture and entry\n` +
      `at most ${seen.mostLeftovers} hidden files lay there at once; none after the last batch`,
  );
});

/** Paths in the lists that a program printed in full. */
function listed({ output }: RunningProgram): readonly string[] {
  return [...output().matchAll(/^\[\d+(?:\.\d+)?\] (.+?\.png): .*\n/gm)].map(([, path]) => path as string);
}

/** Milliseconds to the first line, and from there to the end. */
async function timed(program: RunningProgram): Promise<{ begun: number; duration: number }> {
  const started = performance.now();
  await untilLine(program, 1);
  const begun = performance.now() - started;
  await program.ended;
  return { begun, duration: performance.now() - started - begun };
}

/** Waits for a random moment of a random line: the first takes longest, for it builds the networks. */
async function untilMoment(programs: readonly RunningProgram[], duration: number): Promise<void> {
  const line = 1 + Math.floor(Math.random() * LINES);
  await Promise.race(programs.map((program) => untilLine(program, line)));
  await sleep((Math.random() * duration) / LINES);
}

/** Resolves when a program has begun with a line, which it echoes with `#`, or has ended. */
async function untilLine({ output, ended }: RunningProgram, line: number): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && (output().match(/^#/gm)?.length ?? 0) < line) await sleep(2);
}
