import { type BatchHeader, decodeBatch } from "../wire/record-batch.ts";
import { AbortedTransactions } from "./aborted-transactions.ts";
import { ErrorCode } from "./errors.ts";
import type { ProducerSnapshot } from "./producer-snapshot.ts";

const SEQUENCES = 2 ** 31;
/** As many as a client may have in flight, so that any of them may be sent again. */
const REMEMBERED_BATCHES = 5;
const NO_SEQUENCE = -1;

/** What a batch of a producer with an id says of itself. */
export interface ProducedSequence {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** −1: this batch has none, as the broker's own. */
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly transactional: boolean;
}

export interface AppendedBatch {
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
}

/** A batch in the log that its producer may send again. */
interface RememberedBatch extends AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** A batch on its way to the log. */
interface PendingBatch {
  readonly epoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly transactional: boolean;
  readonly appended: Promise<AppendedBatch>;
}

interface ProducerEntry {
  epoch: number;
  lastUsedMs: number;
  /** The newest of this epoch, oldest first. */
  batches: RememberedBatch[];
}

export type SequenceCheck =
  | { readonly kind: "append" }
  | { readonly kind: "duplicate"; readonly appended: Promise<AppendedBatch> }
  | { readonly kind: "refused"; readonly errorCode: number; readonly message: string };

/**
 * What one partition knows of its producers: the sequences of the idempotent ones, the transactions that are open, and
 * those that were aborted. All of it follows from the log: `apply` is given every batch, in order, as soon as it
 * stands there. What is on its way to the log is kept apart (`begin`), so that a failed write leaves no trace.
 *
 * A batch sent again gets the answer of the first time; a gap in the sequence is refused. A producer that nothing is
 * known of may begin anywhere, as in Kafka.
 */
export class ProducerState {
  readonly aborted: AbortedTransactions;
  private readonly producers = new Map<number, ProducerEntry>();
  private readonly pending = new Map<number, PendingBatch[]>();
  /** Producer id → first offset of its open transaction; the lowest is the first, since they are opened in order. */
  private readonly open = new Map<number, number>();
  private readonly expirationMs: number;

  constructor(expirationMs: number, snapshot?: ProducerSnapshot) {
    this.expirationMs = expirationMs;
    this.aborted = new AbortedTransactions(snapshot?.aborted);
    for (const { producerId, epoch, lastUsedMs, batches } of snapshot?.producers ?? []) {
      this.producers.set(producerId, { epoch, lastUsedMs, batches: [...batches] });
    }
    for (const { producerId, firstOffset } of snapshot?.open ?? []) this.open.set(producerId, firstOffset);
  }

  /** The first offset that an open transaction has; null when none is open. */
  get firstOpenOffset(): number | null {
    for (const firstOffset of this.open.values()) return firstOffset;
    return null;
  }

  /** Who has a transaction open here, in the log. */
  openTransactions(): { producerId: number; producerEpoch: number }[] {
    return [...this.open.keys()].map((producerId) => {
      return { producerId, producerEpoch: this.producers.get(producerId)!.epoch };
    });
  }

  /** Who is remembered here; `lastSequence` and `openFrom` (the first offset of its transaction) are −1 for none. */
  list(): {
    producerId: number;
    epoch: number;
    lastSequence: number;
    lastUsedMs: number;
    openFrom: number;
  }[] {
    return [...this.producers].map(([producerId, { epoch, batches, lastUsedMs }]) => {
      const lastSequence = batches.at(-1)?.lastSequence ?? -1;
      return { producerId, epoch, lastSequence, lastUsedMs, openFrom: this.open.get(producerId) ?? -1 };
    });
  }

  /** Whether the producer has records here, or on their way, that nothing is decided about. */
  hasOpenTransaction(producerId: number): boolean {
    return this.open.has(producerId) || this.pendingOf(producerId).some(({ transactional }) => transactional);
  }

  /** What is to be done with a batch; changes nothing. */
  check(batch: ProducedSequence): SequenceCheck {
    const { producerId, producerEpoch, baseSequence } = batch;
    const known = this.producers.get(producerId);
    const pending = this.pendingOf(producerId);
    const epoch = pending.at(-1)?.epoch ?? known?.epoch;
    if (epoch === undefined) return { kind: "append" };
    if (producerEpoch < epoch) {
      const message = `Expected epoch ${epoch} or newer of producer ${producerId}, got ${producerEpoch}`;
      return { kind: "refused", errorCode: ErrorCode.INVALID_PRODUCER_EPOCH, message };
    }
    const inLog = known?.epoch === epoch ? known.batches : [];
    const recent = [...inLog, ...pending.filter((each) => each.epoch === epoch)].slice(-REMEMBERED_BATCHES);
    const lastSequence = toLastSequence(batch);
    if (producerEpoch === epoch) {
      const same = recent.find((b) => b.firstSequence === baseSequence && b.lastSequence === lastSequence);
      if (same)
        return { kind: "duplicate", appended: "appended" in same ? same.appended : Promise.resolve(same) };
    }
    if (!batch.transactional && this.hasOpenTransaction(producerId)) {
      const message = `Expected producer ${producerId} to end its transaction first, got records outside of it`;
      return { kind: "refused", errorCode: ErrorCode.INVALID_TXN_STATE, message };
    }
    const previous = producerEpoch > epoch ? NO_SEQUENCE : (recent.at(-1)?.lastSequence ?? NO_SEQUENCE);
    const expected = (previous + 1) % SEQUENCES;
    if (baseSequence === expected) return { kind: "append" };
    return {
      kind: "refused",
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      message: `Expected sequence ${expected} of producer ${producerId} with epoch ${producerEpoch}, got ${baseSequence}`,
    };
  }

  /** Notes a batch that is on its way to the log; should it not get there, it may be sent once more. */
  begin(batch: ProducedSequence, appended: Promise<AppendedBatch>): void {
    const { producerId, producerEpoch: epoch, baseSequence: firstSequence, transactional } = batch;
    const entry = { epoch, firstSequence, lastSequence: toLastSequence(batch), transactional, appended };
    this.pending.set(producerId, [...this.pendingOf(producerId), entry]);
    // The one who awaits `appended` answers for the error.
    appended.catch(() => this.forgetPending(producerId, entry));
  }

  /** Takes over a batch that stands in the log now. `batch` is the whole of it, `header` what it begins with. */
  apply(batch: Buffer, header: BatchHeader, nowMs: number): void {
    const { producerId } = header;
    if (producerId < 0) return;
    const entry = this.entryOf(header, nowMs);
    entry.lastUsedMs = nowMs;
    if (header.control) {
      this.endTransaction(header, isCommitMarker(batch));
      return;
    }
    const [first] = this.pendingOf(producerId);
    if (first?.firstSequence === header.baseSequence) this.forgetPending(producerId, first);
    if (header.baseSequence >= 0) {
      entry.batches.push(toRemembered(header));
      if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
    }
    if (header.transactional && !this.open.has(producerId)) this.open.set(producerId, header.baseOffset);
  }

  /** All of it, for the next start; what is idle for too long, or was deleted before `startOffset`, is let go. */
  toSnapshot(offset: number, startOffset: number, nowMs: number): ProducerSnapshot {
    this.expire(nowMs);
    this.aborted.forgetBefore(startOffset);
    return {
      offset,
      producers: [...this.producers].map(([producerId, entry]) => ({ producerId, ...entry })),
      open: [...this.open].map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
      aborted: this.aborted.list(),
    };
  }

  private endTransaction({ producerId, baseOffset }: BatchHeader, committed: boolean): void {
    const firstOffset = this.open.get(producerId);
    this.open.delete(producerId);
    if (firstOffset === undefined || committed) return;
    const lastStableOffset = this.firstOpenOffset ?? baseOffset + 1;
    this.aborted.add({ producerId, firstOffset, lastOffset: baseOffset, lastStableOffset });
  }

  /** A newer epoch begins without sequences. */
  private entryOf({ producerId, producerEpoch }: BatchHeader, nowMs: number): ProducerEntry {
    const known = this.producers.get(producerId);
    if (known && known.epoch >= producerEpoch) return known;
    if (!known) this.expire(nowMs);
    const entry = { epoch: producerEpoch, lastUsedMs: nowMs, batches: [] };
    this.producers.set(producerId, entry);
    return entry;
  }

  private pendingOf(producerId: number): readonly PendingBatch[] {
    return this.pending.get(producerId) ?? [];
  }

  private forgetPending(producerId: number, batch: PendingBatch): void {
    const left = this.pendingOf(producerId).filter((each) => each !== batch);
    if (left.length > 0) this.pending.set(producerId, left);
    else this.pending.delete(producerId);
  }

  private expire(nowMs: number): void {
    for (const [producerId, { lastUsedMs }] of this.producers) {
      if (nowMs - lastUsedMs > this.expirationMs && !this.open.has(producerId))
        this.producers.delete(producerId);
    }
  }
}

function toLastSequence({ baseSequence, recordCount }: ProducedSequence): number {
  return (baseSequence + recordCount - 1) % SEQUENCES;
}

function toRemembered(header: BatchHeader): RememberedBatch {
  return {
    firstSequence: header.baseSequence,
    lastSequence: toLastSequence(header),
    baseOffset: header.baseOffset,
    logAppendTimeMs: header.logAppendTime ? header.maxTimestamp : -1,
  };
}

/** Whether a control batch says commit. The key of its record is `version:int16 type:int16`, type 0 for abort, 1 for commit. */
export function isCommitMarker(batch: Buffer): boolean {
  const { key } = decodeBatch(batch).records[0]!;
  return key!.readInt16BE(2) === 1;
}
