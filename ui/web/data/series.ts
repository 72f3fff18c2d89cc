/** Values over time, oldest first. Pure. */

export type Series = readonly { readonly at: number; readonly value: number }[];

/** The series with a point more, of which the last `limit` are kept. */
export function extend(series: Series, at: number, value: number, limit: number): Series {
  return [...series.slice(-(limit - 1)), { at, value }];
}
