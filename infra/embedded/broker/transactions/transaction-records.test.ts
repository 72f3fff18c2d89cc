import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Transaction, TransactionStatus } from "./transaction.ts";
import {
  decodeTransaction,
  decodeTransactionKey,
  encodeTransaction,
  encodeTransactionKey,
  fromPartitionName,
  toPartitionName,
} from "./transaction-records.ts";

const statuses: TransactionStatus[] = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
];
const transactions = fc.record<Transaction>({
  transactionalId: fc.string(),
  producerId: fc.nat(),
  producerEpoch: fc.nat({ max: 32_767 }),
  previousEpoch: fc.constant(-1),
  timeoutMs: fc.nat(),
  status: fc.constantFrom(...statuses),
  partitions: fc
    .array(
      fc.tuple(fc.constantFrom("a", "a-1", "b.c_d"), fc.nat()).map(([topic, p]) => toPartitionName(topic, p)),
    )
    .map((names) => new Set(names)),
  startedMs: fc.integer({ min: -1 }),
  updatedMs: fc.maxSafeInteger().map(Math.abs),
});

describe("the records of __transaction_state", () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        const id = decodeTransactionKey(encodeTransactionKey(transaction.transactionalId));
        expect(decodeTransaction(id, encodeTransaction(transaction))).toEqual(transaction);
      }),
    );
  });

  it("have the bytes that Kafka writes", () => {
    const transaction: Transaction = {
      transactionalId: "t",
      producerId: 258,
      producerEpoch: 3,
      previousEpoch: -1,
      timeoutMs: 60_000,
      status: "PrepareCommit",
      partitions: new Set(["a-0", "a-2"]),
      startedMs: 1,
      updatedMs: 2,
    };
    expect(encodeTransactionKey("t").toString("hex")).toBe(`0000${"0001"}${"74"}`);
    expect(encodeTransaction(transaction).toString("hex")).toBe(
      [
        "0000", // version
        "0000000000000102", // producer id
        "0003", // epoch
        "0000ea60", // timeout
        "02", // PrepareCommit
        "00000001" + "0001" + "61" + "00000002" + "00000000" + "00000002", // [a [0, 2]]
        "0000000000000002", // updated
        "0000000000000001", // started
      ].join(""),
    );
  });

  it("of a version or a status that is not known are refused", () => {
    expect(() => decodeTransactionKey(Buffer.from("0001000174", "hex"))).toThrow("version 0, got 1");
    const dead = Buffer.from(`0000${"00".repeat(14)}06ffffffff${"00".repeat(16)}`, "hex");
    expect(() => decodeTransaction("t", dead)).toThrow("status 0–5, got 6");
  });

  it("name partitions of topics that end like one", () => {
    expect(fromPartitionName(toPartitionName("a-1", 2))).toEqual({ topic: "a-1", partition: 2 });
  });
});
