/** What the parts of the page want of /api/stream, and all of it as one address. Pure. */
import { withQuery } from "./api.ts";

export interface Wants {
  /** Topics whose records to send, or all. */
  readonly topics?: readonly string[] | "*";
  readonly stats?: boolean;
  readonly lag?: boolean;
  readonly alerts?: boolean;
  /** Functions whose invocations to send, or all. */
  readonly invocations?: readonly string[] | "*";
}

/** The one address that gives everything wanted; null where nothing is. */
export function streamUrl(wants: readonly Wants[]): string | null {
  const query = {
    topics: union(wants.map((want) => want.topics)),
    invocations: union(wants.map((want) => want.invocations)),
    stats: wants.some((want) => want.stats) ? 1 : null,
    lag: wants.some((want) => want.lag) ? 1 : null,
    alerts: wants.some((want) => want.alerts) ? 1 : null,
  };
  const empty = Object.values(query).every((value) => value === null || value === "");
  return empty ? null : withQuery("/api/stream", query);
}

function union(lists: readonly (readonly string[] | "*" | undefined)[]): string {
  if (lists.includes("*")) return "*";
  return [...new Set(lists.flatMap((list) => list ?? []))].sort().join(",");
}

/** Whether records (or invocations) of `name` are wanted by a list. */
export const wanted = (list: readonly string[] | "*" | undefined, name: string): boolean =>
  list === "*" || (list?.includes(name) ?? false);

/**
 * The positions to resume at, of those last seen (`topic/partition:offset` by commas). A topic whose records were
 * wanted before and are no more has none: coming back to it later would fetch all that was missed meanwhile.
 */
export function resumeFrom(positions: string, before: readonly Wants[], now: readonly Wants[]): string {
  const has = (wants: readonly Wants[], topic: string) => wants.some((want) => wanted(want.topics, topic));
  return positions
    .split(",")
    .filter((position) => {
      const topic = position.slice(0, position.lastIndexOf("/"));
      return has(now, topic) || !has(before, topic);
    })
    .join(",");
}
