/** Compares lists whose order matters: which items went, came, changed or moved. */
import { canonical, diffValue, type FieldChange } from "./diff-value.ts";

/** Positions count from 0: `at` in the later list, for `removed` in the earlier one. */
export type ListChange<T> =
  | { readonly kind: "removed"; readonly at: number; readonly item: T }
  | { readonly kind: "added"; readonly at: number; readonly item: T }
  | {
      readonly kind: "changed";
      readonly at: number;
      readonly item: T;
      readonly fields: readonly FieldChange[];
    }
  | { readonly kind: "moved"; readonly from: number; readonly at: number; readonly item: T };

/** Above this many pairs the common items are not sought: what differs is compared by position. */
const MAX_PAIRS = 4_000_000;

interface Placed<T> {
  readonly at: number;
  readonly item: T;
}

/**
 * The changes from `before` to `after`, in the order of `after`. Items that stand at the same place and are `alike`
 * (the first rule that fits counts) are shown as one that changed.
 */
export function diffList<T>(
  before: readonly T[],
  after: readonly T[],
  alike: readonly ((a: T, b: T) => boolean)[],
): readonly ListChange<T>[] {
  const gaps = gapsBetween(before.map(canonical), after.map(canonical));
  const changes: ListChange<T>[] = [];
  const removed: Placed<T>[] = [];
  const added: Placed<T>[] = [];
  for (const gap of gaps) {
    let from: Placed<T>[] = gap.before.map((at) => ({ at, item: before[at]! }));
    const to = gap.after.map((at) => ({ at, item: after[at]! }));
    for (const rule of alike) {
      from = from.filter((old) => {
        const index = to.findIndex((candidate) => rule(old.item, candidate.item));
        if (index === -1) return true;
        const [{ at, item }] = to.splice(index, 1) as [Placed<T>];
        const fields = diffValue(old.item, item);
        if (fields.length > 0) changes.push({ kind: "changed", at, item, fields });
        else if (old.at !== at) changes.push({ kind: "moved", from: old.at, at, item });
        return false;
      });
    }
    removed.push(...from);
    added.push(...to);
  }
  for (const { at, item } of added) {
    const index = removed.findIndex((old) => canonical(old.item) === canonical(item));
    if (index === -1) changes.push({ kind: "added", at, item });
    else changes.push({ kind: "moved", from: removed.splice(index, 1)[0]!.at, at, item });
  }
  for (const { at, item } of removed) changes.push({ kind: "removed", at, item });
  return changes.toSorted((a, b) => a.at - b.at);
}

interface Gap {
  readonly before: number[];
  readonly after: number[];
}

/** The stretches between the items of a longest common subsequence, as positions. */
function gapsBetween(before: readonly string[], after: readonly string[]): readonly Gap[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let endBefore = before.length;
  let endAfter = after.length;
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const rows = endBefore - start;
  const columns = endAfter - start;
  const whole: Gap = { before: range(start, endBefore), after: range(start, endAfter) };
  if (rows === 0 && columns === 0) return [];
  if (rows === 0 || columns === 0 || rows * columns > MAX_PAIRS) return [whole];

  // lengths[i][j]: how many items the tails from i and from j have in common.
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const length = (i: number, j: number): number => lengths[i * width + j]!;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[start + i] === after[start + j]
          ? length(i + 1, j + 1) + 1
          : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const gaps: Gap[] = [{ before: [], after: [] }];
  for (let i = 0, j = 0; i < rows || j < columns; ) {
    const gap = gaps.at(-1)!;
    if (i < rows && j < columns && before[start + i] === after[start + j]) {
      if (gap.before.length + gap.after.length > 0) gaps.push({ before: [], after: [] });
      i++;
      j++;
    } else if (j === columns || (i < rows && length(i + 1, j) >= length(i, j + 1))) {
      gap.before.push(start + i++);
    } else {
      gap.after.push(start + j++);
    }
  }
  return gaps;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
