import { nextDeadline, step } from "./machine.ts";
import {
  type Token,
  type Transaction,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionReply,
  type TransactionRequest,
  type TransactionState,
  unknownTransaction,
} from "./transaction.ts";

/** For tests: one transactional id and a clock that is moved by hand. What it wants done waits until it is told to be. */
export const limits = { expirationMs: 7 * 86_400_000 };

type Untokened<E> = E extends { token: Token } ? Omit<E, "token"> : never;
type Work = Exclude<TransactionEffect, { type: "respond" }>;

export class TransactionUnderTest {
  state: TransactionState = unknownTransaction("id");
  now = 1_000_000;
  /** What the log holds. */
  stored: Transaction | null = null;
  /** What is to be done: at most one thing. */
  work: Work | null = null;
  private readonly replies = new Map<Token, TransactionReply>();
  private lastToken = 0;

  send(event: TransactionEvent): void {
    const [state, effects] = step(this.state, event, this.now, limits);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === "respond") {
        if (this.replies.has(effect.token))
          throw new Error(`Expected one answer to ${effect.token}, got two`);
        this.replies.set(effect.token, effect.reply);
      } else {
        if (this.work)
          throw new Error(`Expected one thing at a time, got ${effect.type} during ${this.work.type}`);
        this.work = effect;
      }
    }
  }

  /** Does what is to be done, or fails to. */
  finish(ok = true): void {
    const { work } = this;
    if (!work) throw new Error("Expected something to be done, got nothing");
    this.work = null;
    if (work.type === "store" && ok) this.stored = work.transaction;
    this.send({ type: work.type === "store" ? "stored" : "marked", ok });
  }

  finishAll(): void {
    while (this.work) this.finish();
  }

  /** Sends a request; returns how to look at its answer. */
  ask(request: Untokened<TransactionRequest>): () => TransactionReply | undefined {
    const token = ++this.lastToken;
    this.send({ ...request, token } as TransactionRequest);
    return () => this.replies.get(token);
  }

  /** Lets time pass, and everything be done that is due by then. */
  wait(ms: number): void {
    this.now += ms;
    if (nextDeadline(this.state, limits) <= this.now) this.send({ type: "tick" });
  }
}
