/** What a pair of neighbouring tokens becomes, and how early the vocabulary learnt it (0 = first, merged first). */
export interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** Finds the merge of two token ids. */
export type FindMerge = (left: number, right: number) => Merge | undefined;

/**
 * Byte-pair encoding of one word: the pair with the lowest rank is merged first, the leftmost of equal ones, until no pair is known.
 * A heap of candidate pairs keeps it at O(n log n); the textbook loop is quadratic, which a single long "word" would make felt.
 * Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016.
 *
 * @param symbols ids of the word's single bytes
 * @returns ids of the merged tokens
 */
export function mergePairs(symbols: readonly number[], find: FindMerge): number[] {
  const ids = [...symbols];
  // A merged symbol stays at its left end; the links skip what it has swallowed.
  const next = ids.map((_, index) => index + 1);
  const previous = ids.map((_, index) => index - 1);
  const heap: Candidate[] = [];
  const consider = (left: number) => {
    const right = next[left]!;
    if (left < 0 || right >= ids.length) return;
    const merge = find(ids[left]!, ids[right]!);
    if (merge !== undefined) push(heap, { rank: merge.rank, left, leftId: ids[left]!, rightId: ids[right]!, id: merge.id });
  };
  for (let index = 0; index + 1 < ids.length; index++) consider(index);
  for (let best = pop(heap); best !== undefined; best = pop(heap)) {
    const { left } = best;
    const right = next[left]!;
    // Stale when one of its symbols has meanwhile been merged with another neighbour (SWALLOWED is no token's id).
    if (ids[left] !== best.leftId || right >= ids.length || ids[right] !== best.rightId) continue;
    ids[left] = best.id;
    ids[right] = SWALLOWED;
    next[left] = next[right]!;
    if (next[left]! < ids.length) previous[next[left]!] = left;
    consider(left);
    if (previous[left]! >= 0) consider(previous[left]!);
  }
  return ids.filter((id) => id !== SWALLOWED);
}

const SWALLOWED = -1;

interface Candidate {
  readonly rank: number;
  /** Index of the left symbol. */
  readonly left: number;
  readonly leftId: number;
  readonly rightId: number;
  readonly id: number;
}

function before(a: Candidate, b: Candidate): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.left < b.left;
}

/** Adds to a binary heap. */
function push(heap: Candidate[], added: Candidate): void {
  let hole = heap.length;
  heap.push(added);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (!before(added, heap[parent]!)) break;
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = added;
}

/** Takes the first candidate from a binary heap. */
function pop(heap: Candidate[]): Candidate | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (child >= heap.length || !before(heap[child]!, last)) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = last;
  return first;
}
