/** Records counted by spans of time of the same length. Pure. */

/** What is known of a record that is charted: when it happened, ms since 1970. */
export interface Timed {
  readonly at: number;
}

export interface Buckets {
  /** Start of the first, ms since 1970. */
  readonly from: number;
  /** Of each, ms. */
  readonly width: number;
  readonly count: number;
}

/** As many bars as the eye can compare. */
const BARS = 30;

/** Those of the last `minutes`; the last is the one that `now` is in. They start at round times and so do not shift. */
export function lastBuckets(now: number, minutes: number): Buckets {
  const width = (minutes * 60_000) / BARS;
  return { from: Math.floor(now / width) * width - (BARS - 1) * width, width, count: BARS };
}

/** When each starts. */
export const timesOf = ({ from, width, count }: Buckets): number[] =>
  Array.from({ length: count }, (_, index) => from + index * width);

/** The span of a chart on which bars at those times have room. */
export const edgesOf = ({ from, width, count }: Buckets): { readonly from: number; readonly to: number } => ({
  from: from - width / 2,
  to: from + (count - 0.5) * width,
});

/** The sum of `amount` over the records of each bucket; records outside of them do not count. */
export function sumIn<T extends Timed>(
  records: readonly T[],
  buckets: Buckets,
  amount: (record: T) => number,
): number[] {
  const sums = new Array<number>(buckets.count).fill(0);
  for (const record of records) {
    const index = indexOf(record, buckets);
    if (sums[index] !== undefined) sums[index] += amount(record);
  }
  return sums;
}

/** How many different names each bucket has. */
export function distinctIn<T extends Timed>(
  records: readonly T[],
  buckets: Buckets,
  name: (record: T) => string,
): number[] {
  const names = Array.from({ length: buckets.count }, () => new Set<string>());
  for (const record of records) names[indexOf(record, buckets)]?.add(name(record));
  return names.map(({ size }) => size);
}

const indexOf = ({ at }: Timed, { from, width }: Buckets): number => Math.floor((at - from) / width);

/** How many records have each name, the most frequent first, equal ones by name. */
export function tally<T>(
  records: readonly T[],
  name: (record: T) => string,
): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(name(record), (counts.get(name(record)) ?? 0) + 1);
  return [...counts]
    .map(([each, count]) => ({ name: each, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
