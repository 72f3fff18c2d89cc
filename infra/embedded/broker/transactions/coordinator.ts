import { ErrorCode } from "../errors.ts";
import { DeadlineTimer } from "../groups/deadline-timer.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { checkWrite, nextDeadline, step } from "./machine.ts";
import {
  type AddRequest,
  type EndRequest,
  type InitRequest,
  type PartitionName,
  type ProducerIdentity,
  recoveredTransaction,
  type Token,
  type Transaction,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionReply,
  type TransactionState,
  unknownTransaction,
} from "./transaction.ts";
import type { TransactionLog } from "./transaction-log.ts";

/** Called before and after every step that a crash could fall between; for tests, which let it crash there. */
export type Failpoint = (step: string) => void | Promise<void>;

export interface TransactionCoordinatorOptions {
  /** Ms since 1970. */
  readonly now: () => number;
  readonly log: TransactionLog;
  /** Tells a partition how the transaction ended; rejects when that cannot be written. */
  readonly mark: (partition: PartitionName, transaction: Transaction) => Promise<void>;
  readonly config: { readonly transactionMaxTimeoutMs: number; readonly transactionalIdExpirationMs: number };
  readonly logger?: Logger;
  readonly failpoint?: Failpoint;
}

/**
 * Runs the transactions: hands requests to the state machine as events, does what it wants done, and wakes it at its
 * deadlines. Methods answer with Kafka's error codes; none of them throws.
 */
export class TransactionCoordinator {
  private readonly options: TransactionCoordinatorOptions;
  private readonly limits: { expirationMs: number };
  private readonly logger: Logger;
  private readonly states = new Map<string, TransactionState>();
  private readonly asking = new Map<Token, (reply: TransactionReply) => void>();
  private readonly timer: DeadlineTimer;
  private readonly doing = new Set<Promise<void>>();
  private readonly failing = new Set<string>();
  private lastToken = 0;

  constructor(options: TransactionCoordinatorOptions) {
    this.options = options;
    this.limits = { expirationMs: options.config.transactionalIdExpirationMs };
    this.logger = options.logger ?? silentLogger;
    this.timer = new DeadlineTimer(options.now, () => this.tick());
  }

  /** Reads the transactions back; what was decided is brought to its end before this resolves, if the disk lets it. */
  async start(): Promise<void> {
    const now = this.options.now();
    for (const [transactionalId, transaction] of this.options.log.replay()) {
      const state = recoveredTransaction(transaction, now);
      this.states.set(transactionalId, state);
      if (state.work) this.run(transactionalId, { type: "tick" });
      this.timer.wakeAt(nextDeadline(state, this.limits));
    }
    await this.settled();
  }

  /** Lets what is being written finish. */
  async stop(): Promise<void> {
    this.timer.stop();
    await this.settled();
  }

  /** @param request.timeoutMs ms; refused with INVALID_TRANSACTION_TIMEOUT beyond transaction.max.timeout.ms */
  async init(
    transactionalId: string,
    request: Omit<InitRequest, "type" | "token">,
  ): Promise<TransactionReply> {
    const refuse = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 });
    if (transactionalId === "") return refuse(ErrorCode.INVALID_REQUEST);
    if (!(request.timeoutMs > 0 && request.timeoutMs <= this.options.config.transactionMaxTimeoutMs)) {
      return refuse(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }
    return this.ask(transactionalId, (token) => ({ type: "init", token, ...request }));
  }

  /** Adds partitions, and begins a transaction if there is none. */
  async add(transactionalId: string, request: Omit<AddRequest, "type" | "token">): Promise<number> {
    return (await this.ask(transactionalId, (token) => ({ type: "add", token, ...request }))).errorCode;
  }

  /** Commits or aborts. 0 once every partition knows. */
  async end(transactionalId: string, request: Omit<EndRequest, "type" | "token">): Promise<number> {
    return (await this.ask(transactionalId, (token) => ({ type: "end", token, ...request }))).errorCode;
  }

  /**
   * Whether the producer may write to the partition as part of its transaction. Good for an append in this same turn:
   * then the markers that end the transaction come behind it. Codes: see `checkWrite`.
   */
  check(transactionalId: string, producer: ProducerIdentity, partition: PartitionName): number {
    const state = this.states.get(transactionalId) ?? unknownTransaction(transactionalId);
    return checkWrite(state, producer, partition);
  }

  /** Whether a transaction of this producer is not yet ended on the partition. */
  isOpen(producerId: number, partition: PartitionName): boolean {
    return [...this.states.values()].some(
      ({ stored }) => stored?.producerId === producerId && stored.partitions.has(partition),
    );
  }

  /** All that are kept, as they are on the disk. */
  list(): Transaction[] {
    return [...this.states.values()].flatMap(({ stored }) => stored ?? []);
  }

  private ask(
    transactionalId: string,
    request: (token: Token) => TransactionEvent,
  ): Promise<TransactionReply> {
    const token = ++this.lastToken;
    return new Promise((resolve) => {
      this.asking.set(token, resolve);
      this.run(transactionalId, request(token));
    });
  }

  private run(transactionalId: string, event: TransactionEvent): void {
    const before = this.states.get(transactionalId) ?? unknownTransaction(transactionalId);
    const [state, effects] = step(before, event, this.options.now(), this.limits);
    // An id that only a refused request has named leaves no trace.
    if (state.stored === null && state.work === null) this.states.delete(transactionalId);
    else this.states.set(transactionalId, state);
    for (const effect of effects) this.perform(transactionalId, effect);
    this.timer.wakeAt(nextDeadline(state, this.limits));
  }

  private perform(transactionalId: string, effect: TransactionEffect): void {
    if (effect.type === "respond") {
      this.asking.get(effect.token)?.(effect.reply);
      this.asking.delete(effect.token);
      return;
    }
    const { type, transaction } = effect;
    const work = type === "store" ? this.store(transactionalId, transaction) : this.mark(effect.transaction);
    const done = work.then(
      () => true,
      (error: unknown) => {
        // Once, not at every attempt.
        if (!this.failing.has(transactionalId)) {
          this.logger.error({ err: error, transactionalId }, `could not ${type} a transaction; trying again`);
        }
        return false;
      },
    );
    const reported = done.then((ok) => {
      this.doing.delete(reported);
      if (ok) this.failing.delete(transactionalId);
      else this.failing.add(transactionalId);
      this.run(transactionalId, { type: type === "store" ? "stored" : "marked", ok });
    });
    this.doing.add(reported);
  }

  private async store(transactionalId: string, transaction: Transaction | null): Promise<void> {
    const { log, failpoint } = this.options;
    const what = transaction?.status ?? "Forgotten";
    await failpoint?.(`before storing ${what}`);
    await log.append(transactionalId, transaction);
    await failpoint?.(`after storing ${what}`);
  }

  private async mark(transaction: Transaction): Promise<void> {
    const { mark, failpoint } = this.options;
    const marked = [...transaction.partitions].map(async (partition) => {
      await failpoint?.(`before marking ${partition}`);
      await mark(partition, transaction);
      await failpoint?.(`after marking ${partition}`);
    });
    // Each is tried, whatever comes of the others; what was written is not written again.
    const refused = (await Promise.allSettled(marked)).find(({ status }) => status === "rejected");
    if (refused) throw (refused as PromiseRejectedResult).reason;
  }

  private tick(): void {
    const now = this.options.now();
    for (const [transactionalId, state] of [...this.states]) {
      const deadline = nextDeadline(state, this.limits);
      if (deadline <= now) this.run(transactionalId, { type: "tick" });
      else this.timer.wakeAt(deadline);
    }
  }

  /** Waits until nothing is being written, but not for what is to be tried again. */
  private async settled(): Promise<void> {
    while (this.doing.size > 0) await Promise.all(this.doing);
  }
}
