/** The records of one partition in pieces, forward or backward, as a scan asks for them. */
import type { Direction, Span } from "./browse-plan.ts";
import type { RawKafkaRecord } from "./codec.ts";

/** Reads at `offset` whatever there is, about `maxBytes` of it. */
export type Fetch = (
  partition: number,
  offset: bigint,
  maxBytes: number,
) => Promise<{
  readonly records: readonly RawKafkaRecord[];
  /** After the last record, and past what compaction and transactions left out; always beyond `offset`. */
  readonly nextOffset: bigint;
}>;

export interface Piece {
  /** In the order of reading: the newest first where it goes backward. */
  readonly records: readonly RawKafkaRecord[];
  /** What is left of the span. */
  readonly rest: Span;
}

export interface PieceReader {
  /** The next piece of the span; it may have no records. */
  next(span: Span): Promise<Piece>;
}

export interface PieceSize {
  /** Records of the first piece that is read backward; each further one has twice as many, up to the bytes. */
  readonly records: number;
  /** Of one fetch. */
  readonly bytes: number;
}

/** What is fetched at the least: asking takes longer than this. */
const LEAST_BYTES = 16 * 1024;
const MOST_RECORDS = 20_000;
/** What is kept of a piece that is read backward, in fetches; one record at the least. */
const KEPT_FETCHES = 8;

export function createPieceReader(fetch: Fetch, direction: Direction, size: PieceSize): PieceReader {
  /** In memory, and as they come: compressed, many more of them fit into a fetch. */
  let bytesPerRecord = 512;
  let fetchedPerRecord = 512;
  let pieceRecords = size.records;

  const fetchUpTo = async (partition: number, offset: bigint, end: bigint) => {
    const wanted = Number(end - offset) * fetchedPerRecord * 1.2;
    const maxBytes = Math.round(Math.min(size.bytes, Math.max(LEAST_BYTES, wanted)));
    const { records, nextOffset } = await fetch(partition, offset, maxBytes);
    if (records.length > 0) {
      bytesPerRecord = bytesOf(records) / records.length;
      fetchedPerRecord = Math.min(bytesPerRecord, maxBytes / records.length);
    }
    const beyond = records.findIndex((record) => BigInt(record.offset) >= end);
    return {
      records: beyond < 0 ? records : records.slice(0, beyond),
      nextOffset: nextOffset < end ? nextOffset : end,
    };
  };

  const forward = async (span: Span): Promise<Piece> => {
    const { records, nextOffset } = await fetchUpTo(span.partition, span.start, span.end);
    return { records, rest: { ...span, start: nextOffset } };
  };

  /** Kafka reads forward only: the piece before `end` is read from a guessed start. */
  const backward = async (span: Span): Promise<Piece> => {
    const guess = span.end - BigInt(pieceRecords);
    let start = guess < span.start ? span.start : guess;
    let kept: RawKafkaRecord[] = [];
    let keptBytes = 0;
    for (let at = start; at < span.end; ) {
      const { records, nextOffset } = await fetchUpTo(span.partition, at, span.end);
      kept.push(...records);
      keptBytes += bytesOf(records);
      at = nextOffset;
      let dropped = 0;
      while (keptBytes > KEPT_FETCHES * size.bytes && dropped < kept.length - 1)
        keptBytes -= bytesOf([kept[dropped++]!]);
      if (dropped === 0) continue;
      // Those come again with the next piece.
      kept = kept.slice(dropped);
      start = BigInt(kept[0]!.offset);
    }
    const fitting = Math.ceil((KEPT_FETCHES * size.bytes) / bytesPerRecord);
    pieceRecords = Math.min(2 * pieceRecords, fitting, MOST_RECORDS);
    return { records: kept.reverse(), rest: { ...span, end: start } };
  };

  return { next: direction === "forward" ? forward : backward };
}

/** About what a record takes on the topic, and in memory beside its bytes. */
function bytesOf(records: readonly RawKafkaRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + 64 + (key?.length ?? 0) + (value?.length ?? 0), 0);
}
