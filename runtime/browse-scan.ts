/**
 * Reads the spans of a topic's partitions side by side and hands on what matches, merged by time: every record exactly
 * once, in the order of offsets within its partition. `positions` says at each moment where to go on.
 */
import type { RecordFilter } from "./browse-filter.ts";
import type { Direction, Span } from "./browse-plan.ts";
import { createPieceReader, type Fetch, type PieceReader, type PieceSize } from "./browse-read.ts";
import type { Positions } from "./browse-token.ts";
import type { RawKafkaRecord } from "./codec.ts";

export interface Found {
  readonly partition: number;
  readonly raw: RawKafkaRecord;
}

export interface Scan {
  /**
   * The next match; `null` now and then when none has come yet; `done` at the end of the spans. Rejects when reading
   * fails.
   */
  next(): Promise<Found | null | "done">;
  /** Where another scan goes on after what `next()` has returned. */
  positions(): Positions;
  /** Whether that other scan would have anything to read. */
  hasMore(): boolean;
  /** Offsets passed over. */
  scanned(): number;
}

export interface ScanOptions {
  readonly spans: readonly Span[];
  readonly direction: Direction;
  readonly fetch: Fetch;
  readonly filter: Pick<RecordFilter, "matches">;
  readonly size: PieceSize;
  /** Awaited between records when it returns a promise: lets others have their turn. */
  breathe(): Promise<void> | null;
}

/** One partition of a scan. */
interface Lane {
  /** What is not read yet. */
  rest: Span;
  /** Matches that have not been handed on, as far as they are read. */
  found: readonly RawKafkaRecord[];
  /** How many of them have been. */
  taken: number;
  /** The time up to which the partition has been read. */
  readUpTo: number;
  readonly reader: PieceReader;
}

/** Partitions that are asked for their first records at the same time. */
const AT_ONCE = 8;
/** Records between two looks at whether others want a turn. */
const RECORDS_A_LOOK = 16;

export function createScan(options: ScanOptions): Scan {
  const { direction, fetch, filter, size, breathe } = options;
  const isForward = direction === "forward";
  const lanes: readonly Lane[] = options.spans.map((rest) => ({
    rest,
    found: [],
    taken: 0,
    readUpTo: isForward ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    reader: createPieceReader(fetch, direction, size),
  }));
  let scanned = 0;

  const isRead = ({ rest }: Lane): boolean => rest.start >= rest.end;
  const next = (lane: Lane): RawKafkaRecord | undefined => lane.found[lane.taken];

  const read = async (lane: Lane): Promise<void> => {
    const before = lane.rest;
    const { records, rest } = await lane.reader.next(before);
    const found: RawKafkaRecord[] = [];
    for (const [i, raw] of records.entries()) {
      if (filter.matches(before.partition, raw)) found.push(raw);
      if (i % RECORDS_A_LOOK === 0) await breathe();
    }
    const last = records[records.length - 1];
    if (last) lane.readUpTo = Number(last.timestamp);
    scanned += Number(before.end - before.start - (rest.end - rest.start));
    lane.rest = rest;
    lane.found = found;
    lane.taken = 0;
  };

  /** The lane that is next in time: by its next match, or by how far it has been read where that is not known. */
  const pick = (): Lane | null => {
    let best: Lane | null = null;
    let bestTime = 0;
    for (const lane of lanes) {
      const match = next(lane);
      if (match === undefined && isRead(lane)) continue;
      const time = match ? Number(match.timestamp) : lane.readUpTo;
      if (best === null || (isForward ? time < bestTime : time > bestTime)) [best, bestTime] = [lane, time];
    }
    return best;
  };

  return {
    async next() {
      const unread = lanes.filter(
        (lane) => !Number.isFinite(lane.readUpTo) && next(lane) === undefined && !isRead(lane),
      );
      if (unread.length > 0) {
        await Promise.all(unread.slice(0, AT_ONCE).map(read));
        return null;
      }
      const lane = pick();
      if (lane === null) return "done";
      const raw = next(lane);
      if (raw === undefined) {
        await read(lane);
        return null;
      }
      lane.taken += 1;
      return { partition: lane.rest.partition, raw };
    },
    positions: () =>
      new Map(
        lanes.map((lane) => {
          const { partition, start, end } = lane.rest;
          const match = next(lane);
          if (isForward) return [partition, match ? BigInt(match.offset) : start];
          return [partition, match ? BigInt(match.offset) + 1n : end];
        }),
      ),
    hasMore: () => lanes.some((lane) => next(lane) !== undefined || !isRead(lane)),
    scanned: () => scanned,
  };
}
