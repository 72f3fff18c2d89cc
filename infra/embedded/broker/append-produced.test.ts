import { describe, expect, it } from "vitest";
import { encodeBatch } from "../wire/record-batch.ts";
import { appendProduced } from "./append-produced.ts";
import type { Broker } from "./broker.ts";
import { ErrorCode } from "./errors.ts";
import { silentLogger } from "./logger.ts";
import type { Partition } from "./partition.ts";
import { ProducerState } from "./producer-state.ts";
import { StorageHealth } from "./storage-health.ts";
import { toTopicConfig } from "./topic-config.ts";
import type { Topic } from "./topics.ts";
import { Traffic } from "./traffic.ts";

const NOW = 1_700_000_000_000;

/** A partition of a topic with these configs, whose log refuses appends with `failure` while there is one. */
function setUp(configs: Record<string, string> = {}) {
  const errors: string[] = [];
  const state = {
    failure: null as Error | null,
    appended: 0,
    transactionError: 0 as number,
    logAppendTime: undefined as number | undefined,
  };
  const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
  const broker = {
    now: () => NOW,
    storage: new StorageHealth(logger, "/data", () => NOW),
    traffic: new Traffic(),
    transactions: { check: () => state.transactionError },
  } as unknown as Broker;
  const log = {
    append: async (_batch: Buffer, { logAppendTime = -1 }: { logAppendTime?: number }) => {
      if (state.failure) throw state.failure;
      state.logAppendTime = logAppendTime;
      return { baseOffset: state.appended++, logAppendTimeMs: logAppendTime };
    },
  };
  const partition = { log, producers: new ProducerState(1_000) } as unknown as Partition;
  const topic = { config: toTopicConfig(configs, 1_000_000) } as Topic;
  const append = (records: Buffer, transactionalId: string | null = null) =>
    appendProduced(broker, topic, partition, records, { transactionalId, zstdAllowed: true });
  return { append, state, errors };
}

interface BatchOptions {
  timestamp?: number;
  key?: Buffer | null;
  producerId?: number;
  baseSequence?: number;
  transactional?: boolean;
}

function aBatch({ timestamp = NOW, key = null, ...rest }: BatchOptions = {}): Buffer {
  const records = [{ timestamp, key, value: Buffer.from("v"), headers: [] }];
  return encodeBatch({ baseOffset: 0, records, producerEpoch: 0, ...rest });
}

describe("appending what a client sent", () => {
  it("answers with the offset, and the time only if the topic sets it", async () => {
    const createTime = setUp();
    expect(await createTime.append(aBatch())).toMatchObject({
      errorCode: 0,
      baseOffset: 0,
      logAppendTimeMs: -1,
    });
    const appendTime = setUp({ "message.timestamp.type": "LogAppendTime" });
    expect(await appendTime.append(aBatch({ timestamp: 1 }))).toMatchObject({
      errorCode: 0,
      logAppendTimeMs: NOW,
    });
  });

  it("answers a full disk with KAFKA_STORAGE_ERROR, says so once, and goes on when there is room", async () => {
    const { append, state, errors } = setUp();
    state.failure = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    const idempotent = { producerId: 3, baseSequence: 0 };
    for (let i = 0; i < 3; i++) {
      expect(await append(aBatch(idempotent))).toMatchObject({
        errorCode: ErrorCode.KAFKA_STORAGE_ERROR,
        baseOffset: -1,
      });
    }
    expect(errors).toEqual([expect.stringContaining("free some")]);
    state.failure = null;
    expect(await append(aBatch(idempotent))).toMatchObject({ errorCode: 0, baseOffset: 0 });
  });

  it("appends a batch once, however often an idempotent producer sends it", async () => {
    const { append, state } = setUp();
    const sent = { producerId: 3, baseSequence: 0 };
    const answers = [await append(aBatch(sent)), await append(aBatch(sent))];
    expect(answers.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(state.appended).toBe(1);
    expect(await append(aBatch({ producerId: 3, baseSequence: 5 }))).toMatchObject({
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      errorMessage: "Expected sequence 1 of producer 3 with epoch 0, got 5",
    });
  });

  it("takes any number of batches with the same sequence from a producer without id, as kafkajs sends them", async () => {
    const { append, state } = setUp();
    for (let i = 0; i < 3; i++) await append(aBatch({ producerId: -1, baseSequence: 0 }));
    expect(state.appended).toBe(3);
  });

  it.each([
    ["far ahead of the clock", {}, { timestamp: NOW + 3_600_001 }, ErrorCode.INVALID_TIMESTAMP],
    ["at the end of time", {}, { timestamp: 2 ** 62 }, ErrorCode.INVALID_TIMESTAMP],
    [
      "too old for the topic",
      { "message.timestamp.before.max.ms": "1000" },
      { timestamp: NOW - 1_001 },
      ErrorCode.INVALID_TIMESTAMP,
    ],
    ["without a key for a compacted topic", { "cleanup.policy": "compact" }, {}, ErrorCode.INVALID_RECORD],
    ["larger than the topic allows", { "max.message.bytes": "40" }, {}, ErrorCode.MESSAGE_TOO_LARGE],
    [
      "of a transaction without its transactional id",
      {},
      { transactional: true, producerId: 1, baseSequence: 0 },
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ],
  ])("refuses a batch %s", async (_what, configs, batch, errorCode) => {
    const { append, state } = setUp(configs as Record<string, string>);
    expect(await append(aBatch(batch))).toMatchObject({ errorCode, baseOffset: -1 });
    expect(state.appended).toBe(0);
  });

  it.each([
    [ErrorCode.INVALID_TXN_STATE, ErrorCode.INVALID_TXN_STATE],
    [ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_EPOCH],
  ])(
    "refuses a batch that its transaction does not take (%i) with %i",
    async (transactionError, errorCode) => {
      const { append, state } = setUp();
      const batch = { transactional: true, producerId: 1, baseSequence: 0 };
      state.transactionError = transactionError;
      expect(await append(aBatch(batch), "id")).toMatchObject({ errorCode, baseOffset: -1 });
      state.transactionError = 0;
      expect(await append(aBatch(batch), "id")).toMatchObject({ errorCode: 0, baseOffset: 0 });
    },
  );

  it("takes records with keys for a compacted topic, tombstones among them", async () => {
    const { append } = setUp({ "cleanup.policy": "compact" });
    expect(await append(aBatch({ key: Buffer.from("k") }))).toMatchObject({ errorCode: 0 });
  });
});
