import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ErrorCode } from "../errors.ts";
import { silentLogger } from "../logger.ts";
import { TransactionCoordinator } from "./coordinator.ts";
import type { Transaction } from "./transaction.ts";

const config = { transactionMaxTimeoutMs: 60_000, transactionalIdExpirationMs: 600_000 };

/** A disk that refuses while there is a failure, and what was told to partitions and to the log. */
class World {
  failure: Error | null = null;
  /** The disk is full from then on. */
  fullAfter = "";
  readonly stored = new Map<string, Transaction>();
  readonly marked: string[] = [];
  readonly errors: string[] = [];

  start(): TransactionCoordinator {
    const refuse = () => {
      if (this.failure) throw this.failure;
    };
    const coordinator = new TransactionCoordinator({
      now: Date.now,
      config,
      logger: { ...silentLogger, error: (_: object, message: string) => void this.errors.push(message) },
      log: {
        replay: () => new Map(this.stored),
        append: async (id, transaction) => {
          refuse();
          if (transaction) this.stored.set(id, transaction);
          else this.stored.delete(id);
          if (transaction?.status === this.fullAfter) this.failure = new Error("disk full");
        },
      },
      mark: async (partition, { status }) => {
        refuse();
        this.marked.push(`${partition} ${status}`);
      },
    });
    return coordinator;
  }
}

const fresh = { timeoutMs: 1_000, expected: null, newProducerId: 3 };
const producer = { producerId: 3, producerEpoch: 0 };

let world: World;
let coordinator: TransactionCoordinator;
beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  world = new World();
  coordinator = world.start();
  await coordinator.start();
});
afterEach(async () => {
  await coordinator.stop();
  vi.useRealTimers();
});

describe("the transaction coordinator", () => {
  it("refuses ids and timeouts that make no sense, and remembers nothing of them", async () => {
    expect((await coordinator.init("", fresh)).errorCode).toBe(ErrorCode.INVALID_REQUEST);
    for (const timeoutMs of [0, -1, 60_001]) {
      const { errorCode } = await coordinator.init("id", { ...fresh, timeoutMs });
      expect(errorCode).toBe(ErrorCode.INVALID_TRANSACTION_TIMEOUT);
    }
    expect(await coordinator.end("id", { ...producer, committed: true })).toBe(
      ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    );
    expect(world.stored.size).toBe(0);
  });

  it("brings what is decided to its end when the disk takes it again, and complains once", async () => {
    await coordinator.init("id", fresh);
    await coordinator.add("id", { ...producer, partitions: ["a-0"] });
    world.fullAfter = "PrepareCommit";
    const end = () => coordinator.end("id", { ...producer, committed: true });
    expect(await end()).toBe(ErrorCode.CONCURRENT_TRANSACTIONS);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.errors).toHaveLength(1);
    world.failure = null;
    await vi.advanceTimersByTimeAsync(1_001);
    expect(world.marked).toEqual(["a-0 PrepareCommit"]);
    expect(await end()).toBe(ErrorCode.NONE);
  });

  it("aborts what is open for too long, also when it was begun before a restart", async () => {
    await coordinator.init("id", fresh);
    await coordinator.add("id", { ...producer, partitions: ["a-0"] });
    await coordinator.stop();
    coordinator = world.start();
    await coordinator.start();
    expect(coordinator.isOpen(3, "a-0")).toBe(true);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(world.marked).toEqual(["a-0 PrepareAbort"]);
    expect(coordinator.isOpen(3, "a-0")).toBe(false);
    expect(coordinator.check("id", producer, "a-0")).toBe(ErrorCode.PRODUCER_FENCED);
  });

  it("forgets an id that is not used for long, also on disk", async () => {
    await coordinator.init("id", fresh);
    await vi.advanceTimersByTimeAsync(600_001);
    expect(world.stored.size).toBe(0);
    expect(coordinator.check("id", producer, "a-0")).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  });
});
