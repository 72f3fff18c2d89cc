import { describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import type { RequestContext } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { alterPartitionReassignments } from "./45-alter-partition-reassignments.ts";
import { describeTransactions } from "./65-describe-transactions.ts";
import { listTransactions } from "./66-list-transactions.ts";

const transaction: Transaction = {
  transactionalId: "copy",
  producerId: 7,
  producerEpoch: 2,
  previousEpoch: -1,
  timeoutMs: 60_000,
  status: "Ongoing",
  partitions: new Set(["out-0", "out-2", "in-it-1"]),
  startedMs: 1_000,
  updatedMs: 1_500,
};
const idle: Transaction = {
  ...transaction,
  transactionalId: "idle",
  producerId: 8,
  status: "Empty",
  startedMs: -1,
};
const broker = {
  nodeId: 1,
  now: () => 5_000,
  transactions: { list: () => [transaction, idle] },
  topics: { partition: (topic: string, index: number) => (topic === "t" && index === 0 ? {} : undefined) },
} as unknown as Broker;
const ctx = { broker } as RequestContext;

describe("what is told of transactions", () => {
  it("is their state, producer and partitions by topic, or that there is none of that id", async () => {
    const answer = await describeTransactions.handle({ transactionalIds: ["copy", "gone"] }, ctx);
    expect(answer!.transactions).toMatchObject([
      {
        errorCode: ErrorCode.NONE,
        state: "Ongoing",
        timeoutMs: 60_000,
        startTimeMs: 1_000,
        producerId: 7,
        producerEpoch: 2,
        topics: [
          { topic: "out", partitions: [0, 2] },
          { topic: "in-it", partitions: [1] },
        ],
      },
      { errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, transactionalId: "gone" },
    ]);
  });

  it.each([
    [{}, ["copy", "idle"]],
    [{ stateFilters: ["Empty"] }, ["idle"]],
    [{ producerIdFilters: [7] }, ["copy"]],
    [{ durationFilterMs: 3_999 }, ["copy"]],
    [{ durationFilterMs: 4_000 }, []],
  ])("is, in a list with %j, of %j", async (filters, expected) => {
    const all = { stateFilters: [], producerIdFilters: [], durationFilterMs: -1 };
    const answer = await listTransactions.handle({ ...all, ...filters }, ctx);
    expect(answer!.transactions.map(({ transactionalId }) => transactionalId)).toEqual(expected);
  });

  it("names the states asked for that do not exist", async () => {
    const request = { stateFilters: ["Ongoing", "Odd"], producerIdFilters: [], durationFilterMs: -1 };
    expect((await listTransactions.handle(request, ctx))!.unknownStateFilters).toEqual(["Odd"]);
  });
});

it.each([
  ["t", 0, [1], ErrorCode.NONE],
  ["t", 0, [1, 2], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ["t", 0, [2], ErrorCode.INVALID_REPLICA_ASSIGNMENT],
  ["t", 0, null, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS],
  ["t", 1, [1], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
])("moving %s-%i to %j is answered with %i", async (name, index, replicas, errorCode) => {
  const request = { timeoutMs: 1, topics: [{ name, partitions: [{ index, replicas }] }] };
  const answer = await alterPartitionReassignments.handle(request, ctx);
  expect(answer!.topics[0]!.partitions).toMatchObject([{ index, errorCode }]);
});
