import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import { ErrorCode } from "./errors.ts";
import { type ProducedSequence, ProducerState } from "./producer-state.ts";

const DAY_MS = 86_400_000;
const LAST_SEQUENCE = 2 ** 31 - 1;

function batch(baseSequence: number, recordCount = 1, producerEpoch = 0): ProducedSequence {
  return { producerId: 7, producerEpoch, baseSequence, recordCount, transactional: false };
}

function encode({ recordCount, ...sent }: ProducedSequence, baseOffset: number): Buffer {
  const record = { timestamp: 0, key: null, value: null, headers: [] };
  return encodeBatch({ baseOffset, records: Array.from({ length: recordCount }, () => record), ...sent });
}

/** A marker that ends the transaction of producer 7. */
function marker(committed: boolean, baseOffset: number, producerEpoch = 0): Buffer {
  const key = Buffer.from([0, 0, 0, committed ? 1 : 0]);
  const records = [{ timestamp: 0, key, value: Buffer.alloc(6), headers: [] }];
  return encodeBatch({
    baseOffset,
    records,
    producerId: 7,
    producerEpoch,
    transactional: true,
    control: true,
  });
}

/** A partition that appends whatever passes the check. */
class Log {
  readonly state = new ProducerState(DAY_MS);
  endOffset = 0;

  async send(sent: ProducedSequence, now = 0): Promise<number | { errorCode: number }> {
    const check = this.state.check(sent);
    if (check.kind === "refused") return { errorCode: check.errorCode };
    if (check.kind === "duplicate") return (await check.appended).baseOffset;
    const baseOffset = this.endOffset;
    this.endOffset += sent.recordCount;
    this.state.begin(sent, Promise.resolve({ baseOffset, logAppendTimeMs: -1 }));
    this.apply(encode(sent, baseOffset), now);
    return baseOffset;
  }

  end(committed: boolean, epoch = 0): void {
    this.apply(marker(committed, this.endOffset++, epoch), 0);
  }

  private apply(bytes: Buffer, now: number): void {
    this.state.apply(bytes, parseBatchHeader(bytes), now);
  }
}

describe("an idempotent producer's batch", () => {
  it("sent again is answered with its first offset, as long as it is among the last five", async () => {
    const log = new Log();
    for (let i = 0; i < 6; i++) expect(await log.send(batch(i * 10, 10))).toBe(i * 10);
    for (let i = 1; i < 6; i++) expect(await log.send(batch(i * 10, 10))).toBe(i * 10);
    expect(await log.send(batch(0, 10))).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(log.endOffset).toBe(60);
  });

  it("behind a gap is refused", async () => {
    const log = new Log();
    await log.send(batch(0, 3));
    expect(await log.send(batch(4))).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(await log.send(batch(3))).toBe(3);
  });

  it("of an older epoch is refused, and a newer epoch begins at 0", async () => {
    const log = new Log();
    await log.send(batch(0, 1, 1));
    expect(await log.send(batch(1, 1, 0))).toEqual({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH });
    expect(await log.send(batch(1, 1, 2))).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(await log.send(batch(0, 1, 2))).toBe(1);
  });

  it("of a producer that nothing is known of may begin anywhere", async () => {
    expect(await new Log().send(batch(41))).toBe(0);
  });

  it("after sequence 2147483647 goes on at 0", async () => {
    const log = new Log();
    await log.send(batch(LAST_SEQUENCE - 1, 2));
    expect(await log.send(batch(0))).toBe(2);
    const wrapping = new Log();
    await wrapping.send(batch(LAST_SEQUENCE, 2));
    expect(await wrapping.send(batch(1))).toBe(2);
  });

  it("that could not be appended may be sent again", async () => {
    const state = new ProducerState(DAY_MS);
    const failed = Promise.reject(new Error("disk full"));
    state.begin(batch(0), failed);
    await expect(failed).rejects.toThrow();
    expect(state.check(batch(0)).kind).toBe("append");
  });

  it("sent again while the first is being appended shares its answer", async () => {
    const state = new ProducerState(DAY_MS);
    let settle: (appended: { baseOffset: number; logAppendTimeMs: number }) => void = () => {};
    state.begin(batch(0), new Promise((resolve) => (settle = resolve)));
    const check = state.check(batch(0));
    settle({ baseOffset: 12, logAppendTimeMs: -1 });
    expect(check.kind === "duplicate" && (await check.appended).baseOffset).toBe(12);
  });

  it("is forgotten when its producer was idle for longer than the expiration", async () => {
    const log = new Log();
    await log.send(batch(0));
    await log.send({ ...batch(0), producerId: 8 }, 2 * DAY_MS);
    expect(log.state.check(batch(5)).kind).toBe("append");
  });

  it("is appended once and in order, whatever is sent again in between", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 60 }), async (resends) => {
        const log = new Log();
        const offsets: number[] = [];
        for (const [i, back] of resends.entries()) {
          offsets.push((await log.send(batch(i))) as number);
          const again = Math.max(0, i - back);
          expect(await log.send(batch(again))).toBe(offsets[again]);
        }
        expect(offsets).toEqual(resends.map((_, i) => i));
      }),
    );
  });
});

describe("a transactional producer's batch", () => {
  const inside = (baseSequence: number, epoch = 0) => ({
    ...batch(baseSequence, 1, epoch),
    transactional: true,
  });

  it("opens a transaction that ends at its marker; an abort is remembered", async () => {
    const log = new Log();
    await log.send(inside(0));
    await log.send(inside(1));
    expect(log.state.firstOpenOffset).toBe(0);
    log.end(true);
    expect(log.state.firstOpenOffset).toBeNull();
    await log.send(inside(2));
    log.end(false);
    expect(log.state.aborted.list()).toEqual([
      { producerId: 7, firstOffset: 3, lastOffset: 4, lastStableOffset: 5 },
    ]);
  });

  it("goes on with its sequence in the next transaction, and begins at 0 when the marker brought a newer epoch", async () => {
    const log = new Log();
    await log.send(inside(0));
    log.end(true);
    expect(await log.send(inside(1))).toBe(2);
    log.end(false, 1);
    expect(await log.send(inside(2))).toEqual({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH });
    expect(await log.send(inside(2, 1))).toEqual({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(await log.send(inside(0, 1))).toBe(4);
  });

  it("keeps out those of the same producer that are outside of it, until it has ended", async () => {
    const log = new Log();
    await log.send(inside(0));
    expect(await log.send(batch(1))).toEqual({ errorCode: ErrorCode.INVALID_TXN_STATE });
    log.end(true);
    expect(await log.send(batch(1))).toBe(2);
  });

  it("is not forgotten while its transaction is open, however long that takes", async () => {
    const log = new Log();
    await log.send(inside(0));
    expect(log.state.toSnapshot(1, 0, 10 * DAY_MS).producers).toHaveLength(1);
    log.end(true);
    expect(log.state.toSnapshot(2, 0, 10 * DAY_MS).producers).toHaveLength(0);
  });
});
