import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import { checkWrite, nextDeadline, step } from "./machine.ts";
import { limits } from "./testing.ts";
import {
  isCommit,
  isDecided,
  type ProducerIdentity,
  recoveredTransaction,
  type Transaction,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionReply,
  type TransactionState,
  unknownTransaction,
} from "./transaction.ts";

/*
 * Random histories of several producers with one transactional id, on a disk that may refuse and a broker that may die at
 * any moment, against what was promised to them: a transaction is visible as a whole or not at all, visible if its
 * commit was confirmed, invisible if its abort was, and nobody who was fenced gets a record in.
 */
const PARTITIONS = ["a-0", "a-1", "b-0"];
const TIMEOUT_MS = 10_000;

type Entry =
  | { readonly producerId: number; readonly transaction: string }
  | { readonly producerId: number; readonly committed: boolean };

interface Client {
  readonly identity: ProducerIdentity;
  readonly name: string;
  transactions: number;
  /** Asked for, and not confirmed yet: it is asked for again before anything else begins. */
  ending: boolean | null;
}

/** Mostly the newest producer, sometimes one that was fenced. */
const by = fc.constantFrom(0, 0, 0, 0, 1, 2);
const seldom = fc.nat({ max: 9 }).map((n) => n === 0);
const reaches = fc.nat({ max: 3 });
const command = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("init" as const), goesOn: fc.boolean(), by }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("add" as const),
      by,
      to: fc.subarray(PARTITIONS, { minLength: 1 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("produce" as const), by, to: fc.constantFrom(...PARTITIONS) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), by, committed: fc.boolean() }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("work" as const), fails: seldom, reaches }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 10_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), reaches }) },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
type Work = Exclude<TransactionEffect, { type: "respond" }>;

class World {
  private state: TransactionState = unknownTransaction("id");
  private stored: Transaction | null = null;
  readonly partitions = new Map<string, Entry[]>(PARTITIONS.map((name) => [name, []]));
  readonly promises = new Map<string, "commit" | "abort">();
  private work: Work | null = null;
  private now = 0;
  private lastToken = 0;
  private readonly asking = new Map<number, (reply: TransactionReply) => void>();
  private readonly clients: Client[] = [];
  private nextProducerId = 1;

  run(c: Command): void {
    if (c.do === "work") this.finish(!c.fails, c.reaches);
    else if (c.do === "wait") this.wait(c.ms);
    else if (c.do === "die") this.die(c.reaches);
    else if (c.do === "init") this.init(c.goesOn ? this.client(c.by) : undefined);
    else {
      const client = this.client(c.by);
      if (client) this.act(client, c);
    }
  }

  /** Everything is done that is still to be, and open transactions time out. */
  quiesce(): void {
    for (let i = 0; i < 3; i++) {
      while (this.work) this.finish(true, 0);
      this.wait(TIMEOUT_MS);
    }
    while (this.work) this.finish(true, 0);
    expect(this.asking.size).toBe(0);
    expect(this.stored && (isDecided(this.stored) || this.stored.status === "Ongoing")).toBeFalsy();
  }

  /** For each transaction that got records in: on which partitions it is visible, and on which it is not. */
  outcomes(): Map<string, Set<boolean>> {
    const outcomes = new Map<string, Set<boolean>>();
    for (const entries of this.partitions.values()) {
      for (const [i, entry] of entries.entries()) {
        if (!("transaction" in entry)) continue;
        const marker = entries
          .slice(i)
          .find((each) => "committed" in each && each.producerId === entry.producerId);
        const visible = marker !== undefined && "committed" in marker && marker.committed;
        outcomes.set(entry.transaction, (outcomes.get(entry.transaction) ?? new Set()).add(visible));
      }
    }
    return outcomes;
  }

  private client(by: number): Client | undefined {
    return this.clients.at(-1 - by) ?? this.clients.at(-1);
  }

  private init(goesOn: Client | undefined): void {
    const expected = goesOn?.identity ?? null;
    const newProducerId = this.nextProducerId++;
    this.ask({ type: "init", timeoutMs: TIMEOUT_MS, expected, newProducerId }, (reply) => {
      if (reply.errorCode !== ErrorCode.NONE) return;
      const { producerId, producerEpoch } = reply;
      const identity = { producerId, producerEpoch };
      const same = this.clients.find(
        (each) => each.identity.producerEpoch === producerEpoch && each.identity.producerId === producerId,
      );
      // Only one that goes on may be told twice.
      if (same) expect(expected).not.toBeNull();
      else
        this.clients.push({
          identity,
          name: `${producerId}/${producerEpoch}`,
          transactions: 0,
          ending: null,
        });
    });
  }

  private act(client: Client, c: Extract<Command, { by: number; do: "add" | "produce" | "end" }>): void {
    const { identity } = client;
    const transaction = `${client.name}#${client.transactions}`;
    if (c.do === "add") {
      if (client.ending === null) this.ask({ type: "add", ...identity, partitions: c.to }, () => {});
    } else if (c.do === "produce") {
      if (checkWrite(this.state, identity, c.to) !== ErrorCode.NONE) return;
      expect(client).toBe(this.clients.at(-1)); // nobody that was fenced
      expect(this.promises.has(transaction)).toBe(false);
      this.partitions.get(c.to)!.push({ producerId: identity.producerId, transaction });
    } else {
      client.ending ??= c.committed;
      const committed = client.ending;
      this.ask({ type: "end", ...identity, committed }, ({ errorCode }) => {
        if (transaction !== `${client.name}#${client.transactions}`) return; // confirmed already
        if (errorCode === ErrorCode.INVALID_TXN_STATE) client.ending = null; // there was none
        if (errorCode !== ErrorCode.NONE) return;
        this.promises.set(transaction, committed ? "commit" : "abort");
        client.transactions += 1;
        client.ending = null;
      });
    }
  }

  private ask(request: object, onReply: (reply: TransactionReply) => void): void {
    const token = ++this.lastToken;
    this.asking.set(token, onReply);
    this.send({ ...request, token } as TransactionEvent);
  }

  private send(event: TransactionEvent): void {
    const [state, effects] = step(this.state, event, this.now, limits);
    this.state = state;
    for (const effect of effects) {
      if (effect.type !== "respond") {
        expect(this.work).toBeNull();
        this.work = effect;
        continue;
      }
      const onReply = this.asking.get(effect.token);
      expect(onReply).toBeDefined();
      this.asking.delete(effect.token);
      onReply!(effect.reply);
    }
  }

  private finish(ok: boolean, reaches: number): void {
    const { work } = this;
    if (!work) return;
    this.work = null;
    if (work.type === "mark") this.mark(work.transaction, ok ? Number.POSITIVE_INFINITY : reaches);
    else if (ok) this.stored = work.transaction;
    this.send({ type: work.type === "store" ? "stored" : "marked", ok });
  }

  /** Writes the outcome to the first partitions, where it is not yet known. */
  private mark(transaction: Transaction, reaches: number): void {
    const { producerId } = transaction;
    expect(this.stored).toEqual(transaction);
    for (const name of [...transaction.partitions].slice(0, reaches)) {
      const entries = this.partitions.get(name)!;
      const last = entries.findLast((entry) => entry.producerId === producerId);
      if (last && "transaction" in last) entries.push({ producerId, committed: isCommit(transaction) });
    }
  }

  /** The broker dies, perhaps in the middle of what it is doing, and starts again with what is on disk. */
  private die(reaches: number): void {
    const { work } = this;
    if (work?.type === "mark") this.mark(work.transaction, reaches);
    else if (work && reaches > 1) this.stored = work.transaction;
    this.work = null;
    this.asking.clear();
    this.state = this.stored ? recoveredTransaction(this.stored, this.now) : unknownTransaction("id");
    this.wait(0);
  }

  private wait(ms: number): void {
    this.now += ms;
    if (nextDeadline(this.state, limits) <= this.now) this.send({ type: "tick" });
  }
}

describe("transactions under random histories", () => {
  it("are visible as a whole or not at all, as was promised", () => {
    let [committed, aborted, spread] = [0, 0, 0];
    fc.assert(
      fc.property(fc.array(command, { minLength: 40, maxLength: 200, size: "max" }), (commands) => {
        const world = new World();
        for (const each of commands) world.run(each);
        world.quiesce();
        for (const [transaction, outcomes] of world.outcomes()) {
          expect(outcomes.size, `outcomes of ${transaction}`).toBe(1);
          const [visible] = outcomes;
          const promise = world.promises.get(transaction);
          if (promise) expect(visible, `${transaction} after ${promise}`).toBe(promise === "commit");
          if (visible) committed++;
          else aborted++;
          const on = [...world.partitions.values()].filter((entries) =>
            entries.some((entry) => "transaction" in entry && entry.transaction === transaction),
          );
          if (on.length > 1) spread++;
        }
      }),
      { numRuns: 300 },
    );
    // The histories were worth it.
    expect(Math.min(committed, aborted, spread)).toBeGreaterThan(30);
  }, 30_000);
});
