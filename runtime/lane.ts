/**
 * Records on their way to one partition: gathered for a moment, sent one batch at a time, so that order holds, and
 * sent again until Kafka has acknowledged them or has refused them for good.
 */
import { type BackoffOptions, backoffMs, wait } from "./backoff.ts";
import type { SendTrace } from "./tracing.ts";

/** A record as it is to be written. */
export interface OutRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Told what becomes of the record. */
  readonly trace?: SendTrace;
}

export interface LaneLimits {
  /** How long a record waits for others. */
  readonly lingerMs: number;
  /** A batch is sent at once when it has grown to this. */
  readonly batchBytes: number;
  readonly batchRecords: number;
  readonly backoff: BackoffOptions;
}

export interface LaneDeps {
  /** One try to write records to the lane's partition. */
  send(records: readonly OutRecord[]): Promise<void>;
  /** Whether trying again can never help. */
  isRefusal(error: unknown): boolean;
  /** Told of each failed try that will be repeated. */
  onRetry(error: unknown, failures: number): void;
  /** Aborts when waiting is over: what is not acknowledged by then is rejected. */
  readonly signal: AbortSignal;
  random(): number;
}

/** Told once: null when Kafka has acknowledged the record, else why it never will (refused, or AbortedError). */
export type Settle = (error: unknown) => void;

interface Waiting {
  readonly record: OutRecord;
  readonly bytes: number;
  readonly settle: Settle;
}

export interface Lane {
  /** A callback and not a promise: there is one for each record, and promises would cost more than the records. */
  write(record: OutRecord, settle: Settle): void;
}

export class AbortedError extends Error {
  override readonly name = "AbortedError";
  constructor() {
    super("stopped before Kafka acknowledged it");
  }
}

export function createLane(limits: LaneLimits, deps: LaneDeps): Lane {
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | null = null;
  let sending = false;

  const full = (): boolean => waitingBytes >= limits.batchBytes || waiting.length >= limits.batchRecords;

  const take = (): Waiting[] => {
    let bytes = 0;
    let count = 0;
    for (const { bytes: size } of waiting) {
      if (count > 0 && (count >= limits.batchRecords || bytes + size > limits.batchBytes)) break;
      bytes += size;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= bytes;
    return batch;
  };

  const pump = async (): Promise<void> => {
    sending = true;
    // What came while a batch was on its way has waited long enough: it goes next, without lingering.
    while (waiting.length > 0) await deliver(take());
    sending = false;
  };

  const deliver = async (batch: readonly Waiting[]): Promise<void> => {
    for (let failures = 1; ; failures++) {
      if (deps.signal.aborted) {
        for (const one of batch) one.settle(new AbortedError());
        return;
      }
      const error = await deps.send(batch.map((one) => one.record)).then(
        () => null,
        (reason: unknown) => reason ?? new Error("send failed without a reason"),
      );
      if (error === null) {
        for (const one of batch) one.settle(null);
        return;
      }
      if (deps.isRefusal(error)) {
        if (batch.length === 1) return batch[0]!.settle(error);
        // One record spoils the batch: halves find it, in order.
        const half = Math.ceil(batch.length / 2);
        await deliver(batch.slice(0, half));
        return deliver(batch.slice(half));
      }
      deps.onRetry(error, failures);
      await wait(backoffMs(limits.backoff, failures, deps.random()), deps.signal);
    }
  };

  return {
    write(record, settle) {
      const bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0) + 64;
      waiting.push({ record, bytes, settle });
      waitingBytes += bytes;
      if (sending) return;
      if (full()) {
        if (timer) clearTimeout(timer);
        timer = null;
        void pump();
      } else {
        timer ??= setTimeout(() => {
          timer = null;
          void pump();
        }, limits.lingerMs);
      }
    },
  };
}
