import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { Code, EARLIEST, fetch, LATEST, listOffset, produce } from "./log-requests.ts";
import { CODECS, toBatch } from "./record-batch.ts";

export function offsetBehaviours(broker: BrokerUnderTest): void {
  describe("list offsets", () => {
    it("tells the earliest and the latest, also of an empty partition", async () => {
      const topic = await broker.createTopic({ partitions: 2 });
      const connection = await broker.connect();
      await produce(connection, { topic }, await toBatch([{ value: "a" }, { value: "b" }]));
      const at = async (partition: number, timestamp: number) =>
        (await listOffset(connection, { topic, partition }, timestamp)).offset;
      expect([await at(0, EARLIEST), await at(0, LATEST)]).toEqual([0, 2]);
      expect([await at(1, EARLIEST), await at(1, LATEST)]).toEqual([0, 0]);
    });

    it.each(CODECS)("finds a record by time inside a batch with codec %s", async (codec) => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const start = Date.now() - 60_000;
      const times = [0, 100, 200, 300].map((ms) => start + ms);
      await produce(
        connection,
        { topic },
        await toBatch([{ value: "before", timestamp: start - 1000 }], { codec }),
      );
      await produce(
        connection,
        { topic },
        await toBatch(
          times.map((timestamp) => ({ timestamp })),
          { codec },
        ),
      );
      const at = async (timestamp: number) => {
        const { offset, timestamp: found } = await listOffset(connection, { topic }, timestamp);
        return { offset, found };
      };
      expect(await at(start - 5000)).toEqual({ offset: 0, found: start - 1000 });
      expect(await at(start)).toEqual({ offset: 1, found: start });
      expect(await at(start + 150)).toEqual({ offset: 3, found: start + 200 });
      expect(await at(start + 300)).toEqual({ offset: 4, found: start + 300 });
      expect(await at(start + 301)).toEqual({ offset: -1, found: -1 });
    });

    it("finds the first record at or after a time when times are not in order", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const start = Date.now() - 60_000;
      const records = [0, 500, 100, 900].map((ms) => ({ timestamp: start + ms }));
      await produce(connection, { topic }, await toBatch(records));
      expect(await listOffset(connection, { topic }, start + 400)).toMatchObject({ offset: 1 });
      expect(await listOffset(connection, { topic }, start + 600)).toMatchObject({ offset: 3 });
    });

    it("of an unknown topic or partition says so", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const target of [{ topic: unique("missing") }, { topic, partition: 3 }]) {
        expect((await listOffset(connection, target, LATEST)).error).toBe(Code.UNKNOWN_TOPIC_OR_PARTITION);
      }
    });

    it("through the admin client gives low, high and the offset of a time", async () => {
      const topic = await broker.createTopic();
      const timestamp = Date.now() - 5000;
      await produce(
        await broker.connect(),
        { topic },
        await toBatch([{ timestamp }, { timestamp: timestamp + 10 }]),
      );
      const admin = await broker.admin();
      expect(await admin.fetchTopicOffsets(topic)).toEqual([
        { partition: 0, offset: "2", high: "2", low: "0" },
      ]);
      expect(await admin.fetchTopicOffsetsByTimestamp(topic, timestamp + 5)).toEqual([
        { partition: 0, offset: "1" },
      ]);
    });
  });

  describe("delete records", () => {
    it("moves the start of the log: earlier offsets are out of range, later ones are as before", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const value of ["a", "b", "c", "d"])
        await produce(connection, { topic }, await toBatch([{ value }]));
      const admin = await broker.admin();
      await admin.fetchTopicOffsets(topic); // or kafkajs does not know the topic's leaders
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] });
      expect(await listOffset(connection, { topic }, EARLIEST)).toMatchObject({ offset: 2 });
      expect(await listOffset(connection, { topic }, LATEST)).toMatchObject({ offset: 4 });
      expect((await fetch(connection, { topic }, { offset: 1 })).error).toBe(Code.OFFSET_OUT_OF_RANGE);
      expect(await fetch(connection, { topic }, { offset: 2 })).toMatchObject({
        error: Code.NONE,
        logStartOffset: 2,
        batches: [{ baseOffset: 2 }, { baseOffset: 3 }],
      });
    });

    it("up to the end leaves an empty partition that goes on counting", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      await produce(connection, { topic }, await toBatch([{ value: "a" }, { value: "b" }]));
      const admin = await broker.admin();
      await admin.fetchTopicOffsets(topic); // or kafkajs does not know the topic's leaders
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "-1" }] });
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: "2", high: "2" }]);
      expect(await produce(connection, { topic }, await toBatch([{ value: "c" }]))).toMatchObject({
        baseOffset: 2,
        logStartOffset: 2,
      });
    });

    it("beyond the end is refused and deletes nothing", async () => {
      const topic = await broker.createTopic();
      await produce(await broker.connect(), { topic }, await toBatch([{ value: "a" }]));
      const admin = await broker.admin();
      await admin.fetchTopicOffsets(topic);
      const deleted = admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] });
      await expect(deleted).rejects.toMatchObject({
        cause: { partitions: [{ error: { type: "OFFSET_OUT_OF_RANGE" } }] },
      });
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: "0", high: "1" }]);
    });
  });
}
