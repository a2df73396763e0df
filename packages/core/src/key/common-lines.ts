/**
 * The longest common subsequence of two lists of lines, in memory that grows with the lists and not with their product:
 * two policies of 32 KB may have thousands of lines each.
 *
 * D. S. Hirschberg, "A linear space algorithm for computing maximal common subsequences", 1975.
 * https://doi.org/10.1145/360825.360861
 */

export type Pair = readonly [a: number, b: number];

/** Places of equal lines, rising in both lists; as many as there can be. */
export function commonPairs(a: readonly string[], b: readonly string[]): readonly Pair[] {
  const numbers = new Map<string, number>();
  const numbered = (lines: readonly string[]) => lines.map((line) => numberOf(line, numbers));
  const pairs: Pair[] = [];
  pairUp({ a: numbered(a), b: numbered(b), pairs }, 0, a.length, 0, b.length);
  return pairs;
}

/** Equal lines have equal numbers: those are compared much faster. */
function numberOf(line: string, numbers: Map<string, number>): number {
  const number = numbers.get(line) ?? numbers.size;
  numbers.set(line, number);
  return number;
}

interface Work {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Found so far, in order. */
  readonly pairs: Pair[];
}

/** Appends the pairs of `a` from `aStart` to before `aEnd` with `b` from `bStart` to before `bEnd`. */
function pairUp(work: Work, aStart: number, aEnd: number, bStart: number, bEnd: number): void {
  const { a, b, pairs } = work;
  let start = 0;
  // Most of a changed statement is as it was.
  const most = Math.min(aEnd - aStart, bEnd - bStart);
  while (start < most && a[aStart + start] === b[bStart + start]) {
    pairs.push([aStart + start, bStart + start]);
    start++;
  }
  let end = 0;
  while (end < most - start && a[aEnd - end - 1] === b[bEnd - end - 1]) end++;
  divide(work, aStart + start, aEnd - end, bStart + start, bEnd - end);
  for (; end > 0; end--) pairs.push([aEnd - end, bEnd - end]);
}

/** `a` is cut in the middle, `b` where the two halves have most in common. */
function divide(work: Work, aStart: number, aEnd: number, bStart: number, bEnd: number): void {
  const { a, b, pairs } = work;
  if (aEnd - aStart <= 1) {
    const only = aEnd > aStart ? b.indexOf(a[aStart] ?? -1, bStart) : -1;
    if (only >= 0 && only < bEnd) pairs.push([aStart, only]);
    return;
  }
  const middle = (aStart + aEnd) >> 1;
  const before = lengths(a.slice(aStart, middle), b.slice(bStart, bEnd));
  const after = lengths(a.slice(middle, aEnd).reverse(), b.slice(bStart, bEnd).reverse());
  const width = bEnd - bStart;
  let cut = 0;
  let best = -1;
  for (let j = 0; j <= width; j++) {
    const length = (before[j] ?? 0) + (after[width - j] ?? 0);
    if (length > best) {
      cut = j;
      best = length;
    }
  }
  pairUp(work, aStart, middle, bStart, bStart + cut);
  pairUp(work, middle, aEnd, bStart + cut, bEnd);
}

/** How long the longest common subsequence of `a` and the first `j` of `b` is, for each `j`. */
function lengths(a: readonly number[], b: readonly number[]): Uint32Array {
  const row = new Uint32Array(b.length + 1);
  for (const wanted of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j] = b[j - 1] === wanted ? diagonal + 1 : Math.max(above, row[j - 1] ?? 0);
      diagonal = above;
    }
  }
  return row;
}
