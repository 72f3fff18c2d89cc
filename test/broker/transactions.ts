import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { consume } from "./consume.ts";
import { committed } from "./group-requests.ts";
import { Code, fetch, LATEST, listOffset, produce, type Target } from "./log-requests.ts";
import type { RawConnection } from "./raw-connection.ts";
import { toBatch } from "./record-batch.ts";
import { RawProducer } from "./transaction-requests.ts";

/** Far beyond a test's timeout: a fetch that comes back was woken, not expired. */
const AN_HOUR_MS = 3_600_000;
const TOO_LONG_MS = 900_001;

export function transactionBehaviours(broker: BrokerUnderTest): void {
  /** A producer of its own transactional id, on a connection of its own. */
  const start = async (transactionalId = unique("txn")) =>
    RawProducer.start(await broker.connect(), transactionalId);

  /** Resolves when the last stable offset is there: Kafka answers EndTxn before the outcome is everywhere. */
  const untilStable = async (connection: RawConnection, target: Target, offset: number) => {
    while ((await listOffset(connection, target, LATEST, true)).offset < offset);
  };

  const read = async (topic: string, count: number) => {
    const consumer = await broker.consumer(unique("group"));
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    return (await consume(consumer, count)).map(({ message }) => String(message.value));
  };

  describe("a transaction", () => {
    it("of kafkajs is seen as a whole once committed, and never when aborted", async () => {
      const topic = await broker.createTopic({ partitions: 3 });
      const producer = await broker.producer({ transactionalId: unique("txn"), maxInFlightRequests: 1 });
      for (const [name, ends] of [
        ["a", "commit"],
        ["b", "abort"],
        ["c", "commit"],
      ] as const) {
        const transaction = await producer.transaction();
        const messages = [0, 1, 2].map((partition) => ({ partition, value: `${name}${partition}` }));
        await transaction.send({ topic, messages });
        await transaction[ends]();
      }
      expect((await read(topic, 6)).sort()).toEqual(["a0", "a1", "a2", "c0", "c1", "c2"]);
    });

    it("that is open holds back what lies behind it, for readers of committed records only", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      await produce(connection, { topic }, await toBatch([{ value: "before" }]));
      const producer = await start();
      expect(await producer.add({ topic })).toBe(Code.NONE);
      expect(await producer.send({ topic }, "in", "side")).toMatchObject({ error: Code.NONE, baseOffset: 1 });
      await produce(connection, { topic }, await toBatch([{ value: "behind" }]));

      const all = await fetch(connection, { topic }, { offset: 0 });
      expect(all).toMatchObject({ highWatermark: 4, lastStableOffset: 1 });
      expect(all.batches.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 3]);
      const stable = await fetch(connection, { topic }, { offset: 0, readCommitted: true });
      expect(stable).toMatchObject({ highWatermark: 4, lastStableOffset: 1, aborted: [] });
      expect(stable.batches.map(({ baseOffset }) => baseOffset)).toEqual([0]);
      expect((await listOffset(connection, { topic }, LATEST)).offset).toBe(4);
      expect((await listOffset(connection, { topic }, LATEST, true)).offset).toBe(1);

      expect(await producer.end(true)).toBe(Code.NONE);
      await untilStable(connection, { topic }, 5);
      const after = await fetch(connection, { topic }, { offset: 1, readCommitted: true });
      expect(after).toMatchObject({ highWatermark: 5, lastStableOffset: 5, aborted: [] });
      expect(after.batches).toMatchObject([
        { baseOffset: 1, control: false },
        { baseOffset: 3, control: false },
        { baseOffset: 4, control: true, count: 1, crcOk: true },
      ]);
    });

    it.each([
      ["committed", true],
      ["aborted", false],
    ])("that is %s wakes a fetch that waits for it", async (_, commit) => {
      const topic = await broker.createTopic();
      const reader = await broker.connect();
      const producer = await start();
      await producer.add({ topic });
      await producer.send({ topic }, "x");
      const waiting = fetch(reader, { topic }, { offset: 0, readCommitted: true, maxWaitMs: AN_HOUR_MS });
      await producer.end(commit);
      const { batches, aborted } = await waiting;
      expect(batches).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1, control: true }]);
      expect(aborted).toEqual(commit ? [] : [{ producerId: producer.producerId, firstOffset: 0 }]);
    });

    it("that was aborted is told only to those who read into it", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const producer = await start();
      await producer.add({ topic });
      await producer.send({ topic }, "x", "y");
      await producer.end(false);
      await untilStable(connection, { topic }, 3);
      await produce(connection, { topic }, await toBatch([{ value: "z" }]));
      const aborted = [{ producerId: producer.producerId, firstOffset: 0 }];
      const committedFrom = async (offset: number) =>
        (await fetch(connection, { topic }, { offset, readCommitted: true })).aborted;
      expect(await committedFrom(0)).toEqual(aborted);
      expect(await committedFrom(1)).toEqual(aborted);
      expect(await committedFrom(3)).toEqual([]);
      expect((await fetch(connection, { topic }, { offset: 0 })).aborted).toEqual([]);
      expect(await read(topic, 1)).toEqual(["z"]);
    });

    it("goes on with the sequence of the one before", async () => {
      const topic = await broker.createTopic();
      const producer = await start();
      for (const baseOffset of [0, 3]) {
        expect(await producer.add({ topic })).toBe(Code.NONE);
        expect(await producer.send({ topic }, "a", "b")).toMatchObject({ error: Code.NONE, baseOffset });
        expect(await producer.end(true)).toBe(Code.NONE);
        await untilStable(await broker.connect(), { topic }, baseOffset + 3);
      }
    });

    it("takes records only for partitions that were added to it", async () => {
      const topic = await broker.createTopic({ partitions: 2 });
      const producer = await start();
      expect((await producer.send({ topic }, "early")).error).toBe(Code.INVALID_TXN_STATE);
      await producer.add({ topic, partition: 1 });
      expect((await producer.send({ topic }, "elsewhere")).error).toBe(Code.INVALID_TXN_STATE);
      expect((await producer.send({ topic, partition: 1 }, "here")).error).toBe(Code.NONE);
      expect((await fetch(await broker.connect(), { topic }, { offset: 0 })).highWatermark).toBe(0);
    });

    it("adds all partitions of a request or none", async () => {
      const topic = await broker.createTopic();
      const producer = await start();
      const missing = unique("missing");
      expect(await producer.addAll([{ topic }, { topic: missing }])).toEqual({
        [topic]: Code.OPERATION_NOT_ATTEMPTED,
        [missing]: Code.UNKNOWN_TOPIC_OR_PARTITION,
      });
      expect(await producer.end(true)).toBe(Code.INVALID_TXN_STATE);
    });

    it("ends once: asked for again the outcome is confirmed, another is refused", async () => {
      const topic = await broker.createTopic();
      const producer = await start();
      expect(await producer.end(true)).toBe(Code.INVALID_TXN_STATE);
      await producer.add({ topic });
      expect(await producer.end(true)).toBe(Code.NONE);
      expect(await producer.end(true)).toBe(Code.NONE);
      expect(await producer.end(false)).toBe(Code.INVALID_TXN_STATE);
    });
  });

  describe("offsets of a transaction", () => {
    it("sent by kafkajs are the group's once it is committed, and never when it is aborted", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const groupId = unique("group");
      const producer = await broker.producer({ transactionalId: unique("txn"), maxInFlightRequests: 1 });
      for (const [offset, ends] of [
        [5, "commit"],
        [9, "abort"],
      ] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: "x" }] });
        const topics = [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }];
        await transaction.sendOffsets({ consumerGroupId: groupId, topics });
        const before = (await committed(connection, groupId, topic)).offset;
        expect(before).toBe(offset === 5 ? -1 : 5);
        await transaction[ends]();
        if (ends === "commit") {
          // Kafka answers before the group knows.
          while ((await committed(connection, groupId, topic)).offset === -1);
        }
      }
      expect((await committed(connection, groupId, topic)).offset).toBe(5);
    });

    it("are refused unless the group was added to it, by brokers that check it", async () => {
      const topic = await broker.createTopic();
      const groupId = unique("group");
      const producer = await start();
      const unchecked = broker.lacks["offsets of known transactions only"] !== undefined;
      const early = await producer.commitOffset(groupId, { topic }, 3);
      expect(early).toBe(unchecked ? Code.NONE : Code.INVALID_TXN_STATE);
      expect(await producer.addOffsets(groupId)).toBe(Code.NONE);
      expect(await producer.commitOffset(groupId, { topic }, 3)).toBe(Code.NONE);
      expect(await producer.end(true)).toBe(Code.NONE);
    });
  });

  describe("a transactional producer", () => {
    it("that begins again fences the one before, and what that had open is aborted", async () => {
      const topic = await broker.createTopic();
      const transactionalId = unique("txn");
      const zombie = await start(transactionalId);
      await zombie.add({ topic });
      await zombie.send({ topic }, "of the zombie");

      const heir = await start(transactionalId);
      expect(heir.producerId).toBe(zombie.producerId);
      expect(heir.producerEpoch).toBeGreaterThan(zombie.producerEpoch);
      expect(await zombie.add({ topic })).toBe(Code.INVALID_PRODUCER_EPOCH);
      expect(await zombie.addOffsets("group")).toBe(Code.INVALID_PRODUCER_EPOCH);
      expect((await zombie.send({ topic }, "late")).error).toBe(Code.INVALID_PRODUCER_EPOCH);
      expect(await zombie.end(true)).toBe(Code.INVALID_PRODUCER_EPOCH);

      expect(await heir.add({ topic })).toBe(Code.NONE);
      expect((await heir.send({ topic }, "of the heir")).error).toBe(Code.NONE);
      expect(await heir.end(true)).toBe(Code.NONE);
      expect(await read(topic, 1)).toEqual(["of the heir"]);
    });

    it("that is not known is refused, and so is one with another's producer id", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const [known, other] = [await start(), await start()];
      expect(known.producerId).not.toBe(other.producerId);
      const unknown = RawProducer.withIdentity(connection, unique("txn"), known);
      const mistaken = RawProducer.withIdentity(connection, other.transactionalId, known);
      for (const producer of [unknown, mistaken]) {
        expect(await producer.add({ topic })).toBe(Code.INVALID_PRODUCER_ID_MAPPING);
        expect(await producer.end(true)).toBe(Code.INVALID_PRODUCER_ID_MAPPING);
      }
    });

    it("may not keep its transactions open for longer than the broker allows", async () => {
      const producer = await RawProducer.start(await broker.connect(), unique("txn"), TOO_LONG_MS);
      expect(producer.error).toBe(Code.INVALID_TRANSACTION_TIMEOUT);
    });
  });
}
