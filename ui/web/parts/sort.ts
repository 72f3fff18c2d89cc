/** The order of a table's rows. Pure. */

export interface Sort {
  readonly id: string;
  readonly descending: boolean;
}

/** `name` or `-rate`, as in the address. */
export const parseSort = (text: string): Sort => ({
  id: text.replace(/^-/, ""),
  descending: text.startsWith("-"),
});

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** By a value of each row: numbers by size, text as people read it (`a2` before `a10`), null last either way; stable. */
export function sortRows<Row>(
  rows: readonly Row[],
  by: (row: Row) => string | number | null,
  descending: boolean,
): Row[] {
  const direction = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: by(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return direction * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
