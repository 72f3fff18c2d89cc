import { ErrorCode } from "./errors.ts";

const SEQUENCES = 2 ** 31;
/** As many as a client may have in flight, so that any of them may be sent again. */
const REMEMBERED_BATCHES = 5;

/** What a batch of an idempotent producer says of itself. */
export interface ProducedSequence {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export interface AppendedBatch {
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
}

interface RememberedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Settles when the batch is in the log, or could not be put there. */
  readonly appended: Promise<AppendedBatch>;
}

interface ProducerEntry {
  epoch: number;
  lastUsedMs: number;
  batches: RememberedBatch[];
}

export type SequenceCheck =
  | { readonly kind: "append" }
  | { readonly kind: "duplicate"; readonly appended: Promise<AppendedBatch> }
  | { readonly kind: "refused"; readonly errorCode: number; readonly message: string };

/**
 * The idempotent producers of one partition. A batch sent again gets the answer of the first time; a gap in the
 * sequence is refused. A producer that nothing is known of may begin anywhere, as in Kafka.
 */
export class ProducerState {
  private readonly producers = new Map<number, ProducerEntry>();
  private readonly expirationMs: number;

  constructor(expirationMs: number) {
    this.expirationMs = expirationMs;
  }

  /** What is to be done with a batch; changes nothing. */
  check(batch: ProducedSequence): SequenceCheck {
    const known = this.producers.get(batch.producerId);
    if (!known) return { kind: "append" };
    const { producerId, producerEpoch, baseSequence } = batch;
    if (producerEpoch < known.epoch) {
      return {
        kind: "refused",
        errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
        message: `Expected epoch ${known.epoch} or newer of producer ${producerId}, got ${producerEpoch}`,
      };
    }
    const lastSequence = toLastSequence(batch);
    if (producerEpoch === known.epoch) {
      const same = known.batches.find(
        (b) => b.firstSequence === baseSequence && b.lastSequence === lastSequence,
      );
      if (same) return { kind: "duplicate", appended: same.appended };
    }
    const last = known.batches.at(-1);
    if (!last) return { kind: "append" };
    const expected = producerEpoch > known.epoch ? 0 : (last.lastSequence + 1) % SEQUENCES;
    if (baseSequence === expected) return { kind: "append" };
    return {
      kind: "refused",
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      message: `Expected sequence ${expected} of producer ${producerId} with epoch ${producerEpoch}, got ${baseSequence}`,
    };
  }

  /** Remembers a batch that is being appended; forgets it again should that fail, so that it may be sent once more. */
  remember(batch: ProducedSequence, appended: Promise<AppendedBatch>, nowMs: number): void {
    let entry = this.producers.get(batch.producerId);
    if (!entry || entry.epoch !== batch.producerEpoch) {
      this.expire(nowMs);
      entry = { epoch: batch.producerEpoch, lastUsedMs: nowMs, batches: [] };
      this.producers.set(batch.producerId, entry);
    }
    const remembered = { firstSequence: batch.baseSequence, lastSequence: toLastSequence(batch), appended };
    const { batches } = entry;
    batches.push(remembered);
    if (batches.length > REMEMBERED_BATCHES) batches.shift();
    entry.lastUsedMs = nowMs;
    // The one who awaits `appended` answers for the error; here it only undoes what was remembered.
    appended.catch(() => {
      const at = batches.indexOf(remembered);
      if (at >= 0) batches.splice(at);
    });
  }

  private expire(nowMs: number): void {
    for (const [producerId, entry] of this.producers) {
      if (nowMs - entry.lastUsedMs > this.expirationMs) this.producers.delete(producerId);
    }
  }
}

function toLastSequence({ baseSequence, recordCount }: ProducedSequence): number {
  return (baseSequence + recordCount - 1) % SEQUENCES;
}
