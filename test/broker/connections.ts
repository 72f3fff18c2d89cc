import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { consume } from "./consume.ts";
import { Code } from "./log-requests.ts";
import { Writer } from "./wire.ts";

const API_VERSIONS = 18;

export function connectionBehaviours(broker: BrokerUnderTest): void {
  describe("a connection", () => {
    it("is told the supported versions, among them those of the usual clients", async () => {
      const response = await (await broker.connect()).request(API_VERSIONS, 0, new Writer());
      expect(response.int16()).toBe(Code.NONE);
      const ranges = response.array(() => ({
        key: response.int16(),
        min: response.int16(),
        max: response.int16(),
      }));
      // What kafkajs 2.2.4 picks, and the Produce 0 without which librdkafka does not compress.
      for (const [key, version] of [
        [0, 0],
        [0, 7],
        [1, 11],
        [2, 3],
        [3, 6],
        [8, 5],
        [9, 4],
        [10, 2],
        [11, 5],
        [12, 3],
        [13, 3],
        [14, 3],
        [15, 2],
        [16, 2],
        [19, 3],
        [20, 1],
        [21, 1],
        [22, 1],
        [32, 2],
        [33, 1],
        [37, 1],
        [42, 1],
      ] as const) {
        const range = ranges.find((one) => one.key === key);
        expect(range, `API ${key}`).toBeDefined();
        expect(version, `API ${key}`).toBeGreaterThanOrEqual(range!.min);
        expect(version, `API ${key}`).toBeLessThanOrEqual(range!.max);
      }
    });

    it("that asks for versions in an unknown version is answered in version 0, and may go on", async () => {
      const connection = await broker.connect();
      const response = await connection.request(API_VERSIONS, 99, new Writer().int8(0)); // header v2: no tags
      expect(response.int16()).toBe(Code.UNSUPPORTED_VERSION);
      expect(response.array(() => [response.int16(), response.int16(), response.int16()][0])).toContain(
        API_VERSIONS,
      );
      const again = await connection.request(API_VERSIONS, 0, new Writer());
      expect(again.int16()).toBe(Code.NONE);
    });

    it.each([
      ["an API that does not exist", 999, 0],
      ["a version that does not exist", 3, 99],
    ])("that asks for %s is closed, and no other", async (_, apiKey, version) => {
      const [bad, good] = [await broker.connect(), await broker.connect()];
      await expect(bad.request(apiKey, version, new Writer())).rejects.toThrow("closed the connection");
      expect((await good.request(API_VERSIONS, 0, new Writer())).int16()).toBe(Code.NONE);
    });
  });

  describe("several clients at once", () => {
    it("each write and read everything, in order within a partition", async () => {
      const partitions = 3;
      const topic = await broker.createTopic({ partitions });
      const producers = await Promise.all(Array.from({ length: 4 }, () => broker.producer()));
      const consumers = await Promise.all(Array.from({ length: 3 }, () => broker.consumer(unique("group"))));
      for (const consumer of consumers) await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const total = producers.length * 10 * partitions * 5;
      const consuming = consumers.map((consumer) => consume(consumer, total));
      await Promise.all(
        producers.map(async (producer, p) => {
          for (let send = 0; send < 10; send++) {
            const messages = Array.from({ length: partitions * 5 }, (_, i) => ({
              partition: i % partitions,
              value: `${p}:${send * 5 + Math.floor(i / partitions)}`,
            }));
            await producer.send({ topic, messages });
          }
        }),
      );
      const [first, ...others] = (await Promise.all(consuming)).map((consumed) =>
        Array.from({ length: partitions }, (_, partition) =>
          consumed
            .filter((record) => record.partition === partition)
            .map(({ message }) => `${message.offset} ${message.value}`),
        ),
      );
      for (const other of others) expect(other).toEqual(first);
      for (const records of first!) {
        expect(records.map((record) => Number(record.split(" ")[0]))).toEqual(records.map((_, i) => i));
        for (const p of producers.keys()) {
          const own = records
            .map((record) => record.split(" ")[1]!)
            .filter((value) => value.startsWith(`${p}:`));
          expect(own).toEqual(Array.from({ length: 50 }, (_, i) => `${p}:${i}`));
        }
      }
    });
  });
}
