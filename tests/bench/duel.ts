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
  /** Largest difference of its output from the reference's, as a fraction of the largest value; absent where the inputs differ. */
  readonly difference?: number;
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
 * @param hear told every measurement as it is done
 */
export async function duels(
  reference: Contestant,
  challengers: readonly Contestant[],
  rounds: number,
  hear: (measurement: Measurement) => void = () => {},
): Promise<Measurement[]> {
  const first = await load(reference);
  const everyReferenceCall: number[] = [];
  const measured: (Measurement & { probe?: readonly number[] })[] = [];
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
        measured.push({
          name: challenger.name,
          seconds,
          ratio: seconds / median(others),
          startSeconds: startSeconds(second, seconds),
          ...(await second.process.quit()),
        });
        hear(measured.at(-1)!);
      } finally {
        second.process.kill();
      }
    }
    for (let round = everyReferenceCall.length; round < rounds; round++) everyReferenceCall.push(await first.process.go());
    const seconds = median(everyReferenceCall);
    const { peakBytes, probe } = await first.process.quit();
    const own: Measurement = { name: reference.name, seconds, startSeconds: startSeconds(first, seconds), peakBytes };
    hear(own);
    return [own, ...measured.map(({ probe: theirs, ...rest }) => ({ ...rest, difference: largestDifference(theirs, probe) }))];
  } finally {
    first.process.kill();
  }
}

/** Loading, and what the first call took longer than later ones. */
function startSeconds({ loadSeconds, firstSeconds }: Loaded, seconds: number): number {
  return loadSeconds + Math.max(0, firstSeconds - seconds);
}

function largestDifference(got: readonly number[] | undefined, expected: readonly number[] | undefined): number | undefined {
  if (got === undefined || expected === undefined || got.length !== expected.length || got.length === 0) return undefined;
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - got[index]!))) / largest;
}

/** Seconds until a first call can begin, each time in a fresh process, in turns: the median of every contestant. */
export async function starts(
  contestants: readonly Contestant[],
  rounds: number,
  hear: (measurement: Measurement) => void = () => {},
): Promise<Measurement[]> {
  const runs = contestants.map(() => ({ start: [] as number[], call: [] as number[], peak: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const run = runs[index]!;
      const loaded = await load(contestant);
      try {
        const second = await loaded.process.go();
        run.start.push(startSeconds(loaded, second));
        run.call.push(second);
        run.peak = Math.max(run.peak, (await loaded.process.quit()).peakBytes);
      } finally {
        loaded.process.kill();
      }
    }
  }
  return runs.map(({ start, call, peak }, index) => {
    const measurement = { name: contestants[index]!.name, seconds: median(call), startSeconds: median(start), peakBytes: peak };
    hear(measurement);
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

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
