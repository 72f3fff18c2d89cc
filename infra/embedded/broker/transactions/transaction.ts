/**
 * A transactional id as the coordinator sees it, as plain data.
 *
 * Empty → Ongoing (partitions are being written to) → PrepareCommit or PrepareAbort (decided: whatever happens now, it
 * will be so) → markers on every partition → CompleteCommit or CompleteAbort → Ongoing again.
 */

export type TransactionStatus =
  | "Empty"
  | "Ongoing"
  | "PrepareCommit"
  | "PrepareAbort"
  | "CompleteCommit"
  | "CompleteAbort";

/** Names a request that waits for its answer; whoever sent it knows which. */
export type Token = number;

/** `topic-3`: what is added to a transaction. */
export type PartitionName = string;

/** What is kept of a transactional id. A value: every change makes another one. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The epoch that the current one was asked for with; −1: it was given to a producer that knew none. Not kept on disk. */
  readonly previousEpoch: number;
  /** How long a transaction may be open, ms. */
  readonly timeoutMs: number;
  readonly status: TransactionStatus;
  readonly partitions: ReadonlySet<PartitionName>;
  /** When the first partition was added, ms since 1970; −1 outside of a transaction. */
  readonly startedMs: number;
  readonly updatedMs: number;
}

/** A transactional id with what is being done about it. One thing at a time: requests wait for their turn. */
export interface TransactionState {
  readonly transactionalId: string;
  /** What is in the log; null: nothing. Only this counts. */
  readonly stored: Transaction | null;
  readonly work: Work | null;
  readonly waiting: readonly TransactionRequest[];
}

/** Storing `next` (null: forgetting the id), or writing the markers of what is stored, to store `next` after that. */
export interface Work {
  readonly doing: "storing" | "marking";
  readonly next: Transaction | null;
  /** Whom to answer when it is done. */
  readonly request: TransactionRequest | null;
  /** It has failed, and is to be tried again then (ms); null: it is being done. */
  readonly retryAtMs: number | null;
}

export type TransactionRequest = InitRequest | AddRequest | EndRequest;

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A producer begins, or begins anew: whoever had its transactional id before is fenced. */
export interface InitRequest {
  readonly type: "init";
  readonly token: Token;
  readonly timeoutMs: number;
  /** InitProducerId v3+: what the producer has been so far; null when it is new. */
  readonly expected: ProducerIdentity | null;
  /** A fresh producer id, in case one is needed. */
  readonly newProducerId: number;
}

export interface AddRequest extends ProducerIdentity {
  readonly type: "add";
  readonly token: Token;
  readonly partitions: readonly PartitionName[];
}

export interface EndRequest extends ProducerIdentity {
  readonly type: "end";
  readonly token: Token;
  readonly committed: boolean;
}

/** What can happen to a transactional id. Every request gets exactly one `respond` effect, now or later. */
export type TransactionEvent =
  | TransactionRequest
  /** The answer to a `store` or a `mark` effect. */
  | { readonly type: "stored" | "marked"; readonly ok: boolean }
  /** Time has come to `nextDeadline`. */
  | { readonly type: "tick" };

export interface TransactionReply extends ProducerIdentity {
  readonly errorCode: number;
}

/** What is to be done. */
export type TransactionEffect =
  | { readonly type: "respond"; readonly token: Token; readonly reply: TransactionReply }
  /** Write `transaction` to the log (null: that there is none any more) and send `stored`. */
  | { readonly type: "store"; readonly transaction: Transaction | null }
  /** Write the outcome to every partition of `transaction`, and send `marked`. */
  | { readonly type: "mark"; readonly transaction: Transaction };

export function unknownTransaction(transactionalId: string): TransactionState {
  return { transactionalId, stored: null, work: null, waiting: [] };
}

/** What was found in the log at `now`: a transaction whose outcome was decided is brought to its end. */
export function recoveredTransaction(stored: Transaction, now: number): TransactionState {
  const { transactionalId } = stored;
  const work: Work | null = isDecided(stored)
    ? { doing: "marking", next: completed(stored, now), request: null, retryAtMs: now }
    : null;
  return { transactionalId, stored, work, waiting: [] };
}

/** The outcome is decided, yet not everywhere known. */
export function isDecided({ status }: Transaction): boolean {
  return status === "PrepareCommit" || status === "PrepareAbort";
}

export function isCommit({ status }: Transaction): boolean {
  return status === "PrepareCommit" || status === "CompleteCommit";
}

/** The transaction once all its partitions know the outcome. */
export function completed(decided: Transaction, now: number): Transaction {
  const status = isCommit(decided) ? "CompleteCommit" : "CompleteAbort";
  return { ...decided, status, partitions: new Set(), updatedMs: now };
}
