import { ProtocolError } from "./protocol-error.ts";

/** One record header. Kafka allows a null value, and the same key more than once. */
interface RecordHeader {
  key: string;
  value: Buffer | null;
}

/** A record inside a record batch; offset and timestamp (ms since 1970) are absolute here, deltas on the wire. */
export interface BatchRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: RecordHeader[];
}

/**
 * Encodes one record (all numbers zigzag varints, lengths −1 for null):
 * `length attributes:int8=0 timestampDelta offsetDelta keyLength key valueLength value headerCount [keyLength key valueLength value]…`
 */
export function encodeRecord(
  record: Omit<BatchRecord, "offset">,
  offsetDelta: number,
  timestampDelta: number,
): Buffer {
  const parts: Buffer[] = [Buffer.from([0]), varint(timestampDelta), varint(offsetDelta)];
  pushBytes(parts, record.key);
  pushBytes(parts, record.value);
  parts.push(varint(record.headers.length));
  for (const header of record.headers) {
    pushBytes(parts, Buffer.from(header.key));
    pushBytes(parts, header.value);
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(size), ...parts]);
}

/**
 * Decodes the `count` records of an uncompressed batch; keys and values are views into `payload`.
 * Throws ProtocolError where the bytes do not hold what they announce.
 */
export function decodeRecords(
  payload: Buffer,
  count: number,
  baseOffset: number,
  baseTimestamp: number,
): BatchRecord[] {
  const cursor = { payload, at: 0, end: payload.length };
  const records: BatchRecord[] = [];
  for (let i = 0; i < count; i++) {
    cursor.end = payload.length;
    const size = readVarint(cursor);
    if (size < 0 || size > payload.length - cursor.at) {
      throw new ProtocolError(`Expected record ${i} to fit ${payload.length - cursor.at} bytes, got ${size}`);
    }
    cursor.end = cursor.at + size;
    cursor.at += 1; // attributes: unused by Kafka so far
    const timestamp = baseTimestamp + readVarint(cursor);
    const offset = baseOffset + readVarint(cursor);
    const key = readBytes(cursor);
    const value = readBytes(cursor);
    const headers: RecordHeader[] = [];
    for (let left = readVarint(cursor); left > 0; left--) {
      headers.push({ key: (readBytes(cursor) ?? Buffer.alloc(0)).toString(), value: readBytes(cursor) });
    }
    if (cursor.at !== cursor.end) {
      throw new ProtocolError(`Expected record ${i} to end at byte ${cursor.end}, got ${cursor.at}`);
    }
    records.push({ offset, timestamp, key, value, headers });
  }
  return records;
}

/**
 * Why the bytes are not `count` whole records, one behind the other; null: they are. Makes nothing but the message, for
 * it looks at every record that is produced.
 */
export function findRecordProblem(batch: Buffer, from: number, count: number): string | null {
  const cursor = { payload: batch, at: from, end: batch.length };
  try {
    for (let i = 0; i < count; i++) {
      cursor.end = batch.length;
      const size = readVarint(cursor);
      const end = cursor.at + size;
      if (size < 0 || end > batch.length) {
        return `Expected record ${i} to fit ${batch.length - cursor.at} bytes, got ${size}`;
      }
      cursor.end = end;
      cursor.at += 1; // attributes
      readVarint(cursor); // timestamp delta
      const offsetDelta = readVarint(cursor);
      if (offsetDelta !== i) return `Expected offset delta ${i} on record ${i}, got ${offsetDelta}`;
      skipBytes(cursor);
      skipBytes(cursor);
      const headers = readVarint(cursor);
      if (headers < 0) return `Expected 0 or more headers on record ${i}, got ${headers}`;
      for (let left = headers; left > 0; left--) {
        skipBytes(cursor);
        skipBytes(cursor);
      }
      if (cursor.at !== end) return `Expected record ${i} to end at byte ${end}, got ${cursor.at}`;
    }
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
  const rest = batch.length - cursor.at;
  return rest === 0 ? null : `Expected ${count} records, got ${rest} more bytes`;
}

interface RecordPlace {
  readonly from: number;
  readonly keyFrom: number;
  /** −1: no key. */
  readonly keyTo: number;
  readonly bodyFrom: number;
  readonly to: number;
}

/** One encoded record, as far as it need be known to keep it or not. Views are made when asked for: most never are. */
export class RecordSlice {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  /** A record without value: its key is deleted. */
  readonly tombstone: boolean;
  readonly #payload: Buffer;
  readonly #place: RecordPlace;

  constructor(
    payload: Buffer,
    place: RecordPlace,
    header: { offsetDelta: number; timestampDelta: number; tombstone: boolean },
  ) {
    this.#payload = payload;
    this.#place = place;
    this.offsetDelta = header.offsetDelta;
    this.timestampDelta = header.timestampDelta;
    this.tombstone = header.tombstone;
  }

  get key(): Buffer | null {
    const { keyFrom, keyTo } = this.#place;
    return keyTo < 0 ? null : this.#payload.subarray(keyFrom, keyTo);
  }

  /** The bytes of the key, each as one character. */
  get keyText(): string | null {
    const { keyFrom, keyTo } = this.#place;
    return keyTo < 0 ? null : this.#payload.toString("latin1", keyFrom, keyTo);
  }

  /** The whole record. */
  get bytes(): Buffer {
    return this.#payload.subarray(this.#place.from, this.#place.to);
  }

  /** What is behind the deltas: key, value, headers. */
  get body(): Buffer {
    return this.#payload.subarray(this.#place.bodyFrom, this.#place.to);
  }
}

/** The `count` records of an uncompressed batch, not decoded further. Throws ProtocolError as `decodeRecords` does. */
export function sliceRecords(payload: Buffer, count: number): RecordSlice[] {
  const cursor = { payload, at: 0, end: payload.length };
  const slices: RecordSlice[] = [];
  for (let i = 0; i < count; i++) {
    const from = cursor.at;
    cursor.end = payload.length;
    const size = readVarint(cursor);
    if (size < 0 || size > payload.length - cursor.at) {
      throw new ProtocolError(`Expected record ${i} to fit ${payload.length - cursor.at} bytes, got ${size}`);
    }
    cursor.end = cursor.at + size;
    cursor.at += 1;
    const timestampDelta = readVarint(cursor);
    const offsetDelta = readVarint(cursor);
    const bodyFrom = cursor.at;
    const keyBytes = readVarint(cursor);
    const keyFrom = cursor.at;
    if (keyBytes < -1 || keyBytes > cursor.end - keyFrom) {
      throw new ProtocolError(
        `Expected at most ${cursor.end - keyFrom} bytes at byte ${keyFrom}, got ${keyBytes}`,
      );
    }
    cursor.at = keyFrom + Math.max(keyBytes, 0);
    const keyTo = keyBytes < 0 ? -1 : cursor.at;
    const tombstone = readVarint(cursor) === -1;
    const to = cursor.end;
    cursor.at = to;
    slices.push(
      new RecordSlice(
        payload,
        { from, keyFrom, keyTo, bodyFrom, to },
        { offsetDelta, timestampDelta, tombstone },
      ),
    );
  }
  return slices;
}

/** The same record with another timestamp delta. */
export function withTimestampDelta(record: RecordSlice, timestampDelta: number): Buffer {
  const head = [Buffer.from([0]), varint(timestampDelta), varint(record.offsetDelta)];
  const size = head.reduce((sum, part) => sum + part.length, record.body.length);
  return Buffer.concat([varint(size), ...head, record.body]);
}

interface Cursor {
  readonly payload: Buffer;
  at: number;
  end: number;
}

/** Zigzag LEB128, up to 64 bits; exact for safe integers. */
function readVarint(cursor: Cursor): number {
  const { payload, at, end } = cursor;
  // Most are one byte or two, and each record has five of them or more.
  const first = payload[at]!;
  if (first < 0x80 && at < end) {
    cursor.at = at + 1;
    return (first >>> 1) ^ -(first & 1);
  }
  const second = payload[at + 1]!;
  if (second < 0x80 && at + 1 < end) {
    cursor.at = at + 2;
    const value = (first & 0x7f) | (second << 7);
    return (value >>> 1) ^ -(value & 1);
  }
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (cursor.at >= cursor.end) break;
    const byte = cursor.payload[cursor.at++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  throw new ProtocolError(`Expected a varint before byte ${cursor.at}`);
}

function readBytes(cursor: Cursor): Buffer | null {
  const size = skipBytes(cursor);
  return size < 0 ? null : cursor.payload.subarray(cursor.at - size, cursor.at);
}

/** Moves past bytes with their length, which is returned; −1: null. */
function skipBytes(cursor: Cursor): number {
  const size = readVarint(cursor);
  if (size === -1) return size;
  if (size < 0 || size > cursor.end - cursor.at) {
    throw new ProtocolError(
      `Expected at most ${cursor.end - cursor.at} bytes at byte ${cursor.at}, got ${size}`,
    );
  }
  cursor.at += size;
  return size;
}

function pushBytes(parts: Buffer[], bytes: Buffer | null): void {
  if (bytes === null) parts.push(varint(-1));
  else parts.push(varint(bytes.length), bytes);
}

function varint(value: number): Buffer {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  const bytes: number[] = [];
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
