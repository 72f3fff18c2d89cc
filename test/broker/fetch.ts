import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { consume } from "./consume.ts";
import { Code, fetch, metadata, produce } from "./log-requests.ts";
import { toBatch } from "./record-batch.ts";

/** Far beyond a test's timeout: a fetch that comes back was woken, not expired. */
const AN_HOUR_MS = 3_600_000;

const numbered = (count: number) => toBatch(Array.from({ length: count }, (_, i) => ({ value: `${i}` })));

export function fetchBehaviours(broker: BrokerUnderTest): void {
  describe("fetch", () => {
    it("of an empty partition comes back empty, not before its longest wait", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const started = performance.now();
      const fetched = await fetch(connection, { topic }, { offset: 0, maxWaitMs: 300 });
      expect(fetched).toMatchObject({ error: Code.NONE, highWatermark: 0, logStartOffset: 0, batches: [] });
      expect(performance.now() - started).toBeGreaterThan(290);
    });

    it("that waits is woken by a record", async () => {
      const topic = await broker.createTopic();
      const [reader, writer] = [await broker.connect(), await broker.connect()];
      const waiting = fetch(reader, { topic }, { offset: 0, maxWaitMs: AN_HOUR_MS });
      await produce(writer, { topic }, await toBatch([{ value: "wakes" }]));
      expect((await waiting).batches).toMatchObject([{ baseOffset: 0, count: 1, crcOk: true }]);
    });

    it("that waits for a number of bytes is not woken by fewer", async () => {
      const topic = await broker.createTopic();
      const [reader, writer] = [await broker.connect(), await broker.connect()];
      const waiting = fetch(reader, { topic }, { offset: 0, minBytes: 1000, maxWaitMs: AN_HOUR_MS });
      for (const size of [100, 100, 1000]) {
        await produce(writer, { topic }, await toBatch([{ value: Buffer.alloc(size) }]));
      }
      expect((await waiting).batches).toHaveLength(3);
    });

    it("at the end waits, beyond it is out of range", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      await produce(connection, { topic }, await numbered(3));
      expect(await fetch(connection, { topic }, { offset: 3 })).toMatchObject({
        error: Code.NONE,
        batches: [],
      });
      expect((await fetch(connection, { topic }, { offset: 4, maxWaitMs: AN_HOUR_MS })).error).toBe(
        Code.OFFSET_OUT_OF_RANGE,
      );
    });

    it("from the middle of a batch returns the batch that holds the offset, not those before", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const count of [4, 10, 2]) await produce(connection, { topic }, await numbered(count));
      const { batches } = await fetch(connection, { topic }, { offset: 9 });
      expect(batches.map(({ baseOffset, count }) => [baseOffset, count])).toEqual([
        [4, 10],
        [14, 2],
      ]);
    });

    it("returns a batch that is larger than the bytes asked for, so that a reader is never stuck", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const size of [10_000, 10]) {
        await produce(connection, { topic }, await toBatch([{ value: Buffer.alloc(size) }]));
      }
      const { batches } = await fetch(connection, { topic }, { offset: 0, maxBytes: 100 });
      expect(batches).toMatchObject([{ baseOffset: 0, count: 1, crcOk: true }]);
    });

    it("of an unknown topic or partition says so", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const target of [{ topic: unique("missing") }, { topic, partition: 7 }]) {
        expect((await fetch(connection, target, { offset: 0 })).error).toBe(Code.UNKNOWN_TOPIC_OR_PARTITION);
      }
    });

    it("that waits holds up no other connection, and its own closing harms nobody", async () => {
      const topic = await broker.createTopic();
      const [reader, other] = [await broker.connect(), await broker.connect()];
      const waiting = fetch(reader, { topic }, { offset: 0, maxWaitMs: AN_HOUR_MS });
      expect((await metadata(other, [topic])).topics).toMatchObject([{ error: Code.NONE }]);
      reader.close();
      await expect(waiting).rejects.toThrow("closed");
      expect(await produce(other, { topic }, await numbered(1))).toMatchObject({ error: Code.NONE });
    });

    it("is where a consumer's seek begins", async () => {
      const topic = await broker.createTopic();
      await produce(await broker.connect(), { topic }, await numbered(10));
      const consumer = await broker.consumer(unique("group"));
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const consuming = consume(consumer, 4);
      consumer.seek({ topic, partition: 0, offset: "6" });
      expect((await consuming).map(({ message }) => message.offset)).toEqual(["6", "7", "8", "9"]);
    });
  });
}
