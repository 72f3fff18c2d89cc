/** Which offsets of which partitions a request is about, and in which direction they are read. */
import { invalid } from "./browse-refusal.ts";
import type { Positions } from "./browse-token.ts";
import type { BrowseMode, BrowseRequest } from "./browse-view.ts";

export type Direction = "forward" | "backward";

/** The offsets of one partition from `start` up to and without `end`. */
export interface Span {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** What the broker says of a topic: its ends now, and for times that are asked for the first offset at or after. */
export interface TopicOffsets {
  readonly starts: Positions;
  readonly ends: Positions;
  /** Time → partition → offset; −1 where no record is that late. */
  readonly at: ReadonlyMap<number, Positions>;
}

const BACKWARD: readonly BrowseMode[] = ["newest", "to_offset", "to_timestamp"];

export const directionOf = ({ mode }: BrowseRequest): Direction =>
  BACKWARD.includes(mode) ? "backward" : "forward";

/** The first time of the request and the first after it, as the offsets that a plan needs are looked up by them. */
export function boundsOf({ mode, timestamp, from, until }: BrowseRequest): {
  readonly first: number | null;
  readonly after: number | null;
} {
  const next = (time: number | null): number | null => (time === null ? null : time + 1);
  if (mode === "from_timestamp") return { first: timestamp, after: null };
  if (mode === "to_timestamp") return { first: null, after: next(timestamp) };
  return mode === "range" ? { first: from, after: next(until) } : { first: null, after: null };
}

/** Throws a refusal for parameters that the mode lacks or that contradict each other. */
export function checkRequest(request: BrowseRequest): void {
  const { mode, offset, timestamp, from, until } = request;
  if (mode.endsWith("_offset") && offset === null)
    throw invalid("offset", `expected one for mode=${mode}, got none`);
  if (mode.endsWith("_timestamp") && timestamp === null) {
    throw invalid("timestamp", `expected one for mode=${mode}, got none`);
  }
  if (mode === "range" && from === null && until === null) {
    throw invalid("from", "expected from, until or both for mode=range, got neither");
  }
  if (from !== null && until !== null && from > until) {
    throw invalid(
      "until",
      `expected a time not before from (${new Date(from).toISOString()}), got an earlier one`,
    );
  }
}

/** The partitions asked for, of those that there are. Throws a refusal for an unknown one. */
export function choosePartitions({ partitions }: BrowseRequest, known: readonly number[]): readonly number[] {
  const unknown = partitions?.find((partition) => !known.includes(partition));
  if (unknown === undefined) return known.filter((partition) => partitions?.includes(partition) ?? true);
  throw invalid(
    "partitions",
    `expected ${known.length > 1 ? `some of 0–${known.length - 1}` : "0"}, got ${unknown}`,
  );
}

/** One span for each partition of `offsets`; empty ones included. */
export function planSpans(
  request: BrowseRequest,
  offsets: TopicOffsets,
  resume: Positions | null,
): readonly Span[] {
  const { first, after } = boundsOf(request);
  return [...offsets.ends].map(([partition, latest]) => {
    const earliest = offsets.starts.get(partition)!;
    /** The first offset at or after the time: the end where there is none. */
    const at = (time: number): bigint => {
      const found = offsets.at.get(time)!.get(partition)!;
      return found < 0n ? latest : found;
    };
    const { mode, offset } = request;
    let start = first === null ? earliest : at(first);
    let end = after === null ? latest : at(after);
    if (mode === "from_offset") start = BigInt(offset!);
    if (mode === "to_offset") end = BigInt(offset!) + 1n;
    if (resume) {
      // A partition that the token does not know was added since: behind what goes back in time, all of it ahead.
      const position = resume.get(partition);
      if (directionOf(request) === "forward") start = position ?? start;
      else end = position ?? earliest;
    }
    const within = (one: bigint, low: bigint): bigint => (one < low ? low : one > latest ? latest : one);
    start = within(start, earliest);
    return { partition, start, end: within(end, start) };
  });
}
