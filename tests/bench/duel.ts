import { ContestantProcess } from "./contestant-process.js";

/** How to start one measured program. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** What one program needed; seconds are medians over the rounds. */
export interface Measurement {
  readonly name: string;
  readonly seconds: number;
  /** This program's median divided by the reference's in the same alternated rounds; absent for the reference itself. */
  readonly ratio?: number;
  /** Seconds from nothing loaded until the first call could begin (first call minus median call, plus load). */
  readonly startSeconds: number;
  readonly peakBytes: number;
}

interface Loaded {
  readonly process: ContestantProcess;
  readonly loadSeconds: number;
  readonly firstSeconds: number;
}

/**
 * Measures every challenger against the reference, call by call in turns, so that a slow spell of the machine meets both. Only two programs
 * are in memory at a time; each is warmed up by one call.
 * @param rounds calls of each program that count
 */
export async function duels(reference: Contestant, challengers: readonly Contestant[], rounds: number): Promise<Measurement[]> {
  const first = await load(reference);
  const everyReferenceCall: number[] = [];
  const measurements: Measurement[] = [];
  try {
    for (const challenger of challengers) {
      const second = await load(challenger);
      try {
        await first.process.go();
        const own: number[] = [];
        const others: number[] = [];
        for (let round = 0; round < rounds; round++) {
          others.push(await first.process.go());
          own.push(await second.process.go());
        }
        everyReferenceCall.push(...others);
        const seconds = median(own);
        const peakBytes = await second.process.quit();
        const startSeconds = second.loadSeconds + Math.max(0, second.firstSeconds - seconds);
        measurements.push({ name: challenger.name, seconds, ratio: seconds / median(others), startSeconds, peakBytes });
        report(measurements.at(-1)!);
      } finally {
        second.process.kill();
      }
    }
    for (let round = everyReferenceCall.length; round < rounds; round++) everyReferenceCall.push(await first.process.go());
    const seconds = median(everyReferenceCall);
    const startSeconds = first.loadSeconds + Math.max(0, first.firstSeconds - seconds);
    measurements.unshift({ name: reference.name, seconds, startSeconds, peakBytes: await first.process.quit() });
    report(measurements[0]!);
  } finally {
    first.process.kill();
  }
  return measurements;
}

/** Seconds until a first call can begin, each time in a fresh process, in turns: the median of every contestant. */
export async function starts(contestants: readonly Contestant[], rounds: number): Promise<Measurement[]> {
  const runs = contestants.map(() => ({ start: [] as number[], call: [] as number[], peak: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const { process, loadSeconds, firstSeconds } = await load(contestant);
      try {
        const second = await process.go();
        runs[index]!.start.push(loadSeconds + Math.max(0, firstSeconds - second));
        runs[index]!.call.push(second);
        runs[index]!.peak = Math.max(runs[index]!.peak, await process.quit());
      } finally {
        process.kill();
      }
    }
  }
  return runs.map(({ start, call, peak }, index) => {
    const measurement = { name: contestants[index]!.name, seconds: median(call), startSeconds: median(start), peakBytes: peak };
    report(measurement);
    return measurement;
  });
}

async function load(contestant: Contestant): Promise<Loaded> {
  const { process, loadSeconds } = await ContestantProcess.start(contestant.name, contestant.command, contestant.args);
  try {
    return { process, loadSeconds, firstSeconds: await process.go() };
  } catch (error) {
    process.kill();
    throw error;
  }
}

function report({ name, seconds, ratio, startSeconds, peakBytes }: Measurement): void {
  const compared = ratio === undefined ? "" : ` (${ratio.toFixed(2)})`;
  const gigabytes = (peakBytes / 1e9).toFixed(1);
  process.stderr.write(`  ${name}: ${seconds.toFixed(3)} s${compared}, start ${startSeconds.toFixed(1)} s, peak ${gigabytes} GB\n`);
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
