import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorCode } from "../broker/errors.ts";
import type { BatchRecord } from "./record.ts";
import {
  decodeBatch,
  encodeBatch,
  parseBatchHeader,
  patchBaseOffset,
  patchLeaderEpoch,
  patchLogAppendTime,
  validateProduced,
  withRecords,
} from "./record-batch.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const record: fc.Arbitrary<Omit<BatchRecord, "offset">> = fc.record({
  timestamp: fc.integer({ min: -1, max: 4_000_000_000_000 }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ key: fc.string(), value: fc.option(bytes) }), { maxLength: 3 }),
});
const records = fc.array(record, { minLength: 1, maxLength: 20 });

const LIMITS = { maxMessageBytes: 1000, zstdAllowed: true };
const aRecord = { timestamp: 1000, key: Buffer.from("k"), value: Buffer.from("v"), headers: [] };
const aBatch = () => encodeBatch({ baseOffset: 0, records: [aRecord, aRecord] });

/** The batch after `change`, with its CRC made right again. */
function changed(change: (batch: Buffer) => void): Buffer {
  const batch = aBatch();
  change(batch);
  return withRecords(batch, batch.readInt16BE(21) & 7, batch.subarray(61));
}

describe("a record batch", () => {
  it("decodes to the records that were encoded", () => {
    fc.assert(
      fc.property(records, fc.nat(Number.MAX_SAFE_INTEGER - 100), (given, baseOffset) => {
        const decoded = decodeBatch(encodeBatch({ baseOffset, records: given }));
        expect(decoded.records).toEqual(given.map((one, i) => ({ ...one, offset: baseOffset + i })));
        expect(decoded.header).toMatchObject({
          baseOffset,
          recordCount: given.length,
          producerId: -1,
          codec: 0,
        });
        expect(decoded.header.maxTimestamp).toBe(Math.max(...given.map(({ timestamp }) => timestamp)));
      }),
    );
  });

  it("has the bytes that Kafka's format prescribes", () => {
    const batch = encodeBatch({
      baseOffset: 7,
      records: [aRecord],
      producerId: 5,
      producerEpoch: 1,
      baseSequence: 9,
    });
    expect(batch.toString("hex")).toBe(
      `${"0000000000000007"}${"0000003a"}${"00000000"}02${batch.toString("hex", 17, 21)}0000${"00000000"}` +
        `${"00000000000003e8"}${"00000000000003e8"}${"0000000000000005"}0001${"00000009"}${"00000001"}` +
        `10${"00"}${"00"}${"00"}${"026b"}${"0276"}00`,
    );
  });

  it("keeps its CRC when base offset and leader epoch are patched", () => {
    const batch = aBatch();
    patchBaseOffset(batch, 2 ** 40 + 5);
    patchLeaderEpoch(batch, 3);
    const { header, records } = decodeBatch(batch);
    expect(header).toMatchObject({ baseOffset: 2 ** 40 + 5, partitionLeaderEpoch: 3 });
    expect(records.map(({ offset }) => offset)).toEqual([2 ** 40 + 5, 2 ** 40 + 6]);
  });

  it("gives all records the log append time that is patched in", () => {
    const batch = aBatch();
    patchLogAppendTime(batch, 123_456);
    const { header, records } = decodeBatch(batch);
    expect(header).toMatchObject({ logAppendTime: true, maxTimestamp: 123_456, baseTimestamp: 1000 });
    expect(records.map(({ timestamp }) => timestamp)).toEqual([123_456, 123_456]);
  });

  it("does not decode with any one bit behind the CRC flipped", () => {
    const good = aBatch();
    for (let bit = 17 * 8; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeBatch(bad)).toThrow("Expected one whole record batch");
    }
  });

  it("refuses records that claim more than there is, without allocating it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer(), (payload, count) => {
        const batch = withRecords(aBatch(), 0, Buffer.from(payload));
        batch.writeInt32BE(count, 57);
        const checked = withRecords(batch, 0, Buffer.from(payload));
        try {
          expect(decodeBatch(checked).records.length).toBeLessThanOrEqual(payload.length);
        } catch (error) {
          expect((error as Error).name).toBe("ProtocolError");
        }
      }),
    );
  });
});

/** Of `aBatch`, without the second. */
const firstRecord = (): Buffer => aBatch().subarray(61, 62 + aBatch()[61]! / 2);

describe("validateProduced", () => {
  it("accepts no uncompressed batch whose records cannot be decoded", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(change, ([at, byte]) => {
        const records = Buffer.from(aBatch().subarray(61));
        records[at % records.length] = byte;
        const batch = withRecords(aBatch(), 0, records);
        if (validateProduced(batch, LIMITS).ok) expect(decodeBatch(batch).records).toHaveLength(2);
      }),
      { numRuns: 1_000 },
    );
  });

  it("accepts one sound batch and returns its header", () => {
    const batch = aBatch();
    expect(validateProduced(batch, LIMITS)).toEqual({ ok: true, header: parseBatchHeader(batch) });
  });

  it.each<[string, number, () => Buffer]>([
    ["no batch", ErrorCode.INVALID_RECORD, () => Buffer.alloc(0)],
    ["a header cut short", ErrorCode.CORRUPT_MESSAGE, () => aBatch().subarray(0, 60)],
    ["a batch cut short", ErrorCode.CORRUPT_MESSAGE, () => aBatch().subarray(0, 70)],
    ["a negative length", ErrorCode.CORRUPT_MESSAGE, () => changedRaw((b) => b.writeInt32BE(-1, 8))],
    ["two batches", ErrorCode.INVALID_RECORD, () => Buffer.concat([aBatch(), aBatch()])],
    [
      "an old message format",
      ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
      () => changed((b) => b.writeInt8(1, 16)),
    ],
    ["fewer records than it says", ErrorCode.INVALID_RECORD, () => withRecords(aBatch(), 0, firstRecord())],
    [
      "more bytes than its records",
      ErrorCode.INVALID_RECORD,
      () => withRecords(aBatch(), 0, Buffer.concat([aBatch().subarray(61), Buffer.alloc(1)])),
    ],
    [
      "the same record twice",
      ErrorCode.INVALID_RECORD,
      () => withRecords(aBatch(), 0, Buffer.concat([firstRecord(), firstRecord()])),
    ],
    ["a key longer than its record", ErrorCode.INVALID_RECORD, () => changed((b) => b.writeUInt8(0x7e, 65))],
    ["a base offset", ErrorCode.INVALID_RECORD, () => changed((b) => patchBaseOffset(b, 1))],
    [
      "too many bytes",
      ErrorCode.MESSAGE_TOO_LARGE,
      () => encodeBatch({ baseOffset: 0, records: [{ ...aRecord, value: Buffer.alloc(1000) }] }),
    ],
    [
      "a flipped bit",
      ErrorCode.CORRUPT_MESSAGE,
      () => changedRaw((b) => b.writeInt8(b.readInt8(70) ^ 1, 70)),
    ],
    ["an unknown codec", ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, () => changed((b) => b.writeInt16BE(5, 21))],
    ["no records", ErrorCode.INVALID_RECORD, () => changed((b) => b.writeInt32BE(0, 57))],
    ["a wrong record count", ErrorCode.INVALID_RECORD, () => changed((b) => b.writeInt32BE(3, 57))],
    ["a control batch", ErrorCode.INVALID_RECORD, () => changed((b) => b.writeInt16BE(0x20, 21))],
    [
      "a producer without sequence",
      ErrorCode.INVALID_RECORD,
      () => encodeBatch({ baseOffset: 0, records: [aRecord], producerId: 7 }),
    ],
  ])("refuses %s", (_, errorCode, make) => {
    expect(validateProduced(make(), LIMITS)).toMatchObject({ ok: false, errorCode });
  });

  it("answers a batch that is wrong in several ways as Kafka does: size, then CRC, then count", () => {
    const large = encodeBatch({ baseOffset: 0, records: [{ ...aRecord, value: Buffer.alloc(1000) }] });
    large.writeInt32BE(9, 57);
    expect(validateProduced(large, LIMITS)).toMatchObject({ errorCode: ErrorCode.MESSAGE_TOO_LARGE });
    expect(validateProduced(large, { ...LIMITS, maxMessageBytes: 2000 })).toMatchObject({
      errorCode: ErrorCode.CORRUPT_MESSAGE,
    });
  });

  it("answers any bytes, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        expect(validateProduced(Buffer.from(array), LIMITS).ok).toBe(false);
      }),
    );
  });
});

function changedRaw(change: (batch: Buffer) => void): Buffer {
  const batch = aBatch();
  change(batch);
  return batch;
}
