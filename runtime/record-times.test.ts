import { describe, expect, it } from "vitest";
import type { Cluster, FetchFrom } from "./cluster.ts";
import { createRecordTimes } from "./record-times.ts";

const topics = new Map([
  ["a", [{ partition: 0, leader: 1, replicas: [1], isr: [1] }]],
  ["b", [{ partition: 0, leader: 2, replicas: [2], isr: [2] }]],
  ["c", [{ partition: 0, leader: -1, replicas: [2], isr: [] }]],
]);
const at = (topic: string, offset: bigint): FetchFrom => ({ topic, partition: 0, offset });

/** A cluster whose record at an offset has ten times its number as timestamp. */
function cluster() {
  const asked: string[] = [];
  const fetch: Cluster["fetch"] = async (leader, from) =>
    from.map(({ topic, partition, offset }) => {
      asked.push(`${leader} ${topic} ${offset}`);
      const record = { offset: String(offset), timestamp: String(offset * 10n), key: null, value: null };
      return { topic, partition, highWatermark: 9n, records: topic === "b" ? [] : [record], nextOffset: 9n };
    });
  return { asked, times: createRecordTimes({ fetch } as Cluster) };
}

describe("the time of the record that a reader stands at", () => {
  it("is learned from its partition's leader", async () => {
    const { asked, times } = cluster();
    expect(times.at("a", 0, 5n)).toBeNull();
    await times.learn(topics, [at("a", 5n), at("b", 6n), at("c", 7n)]);
    expect(asked).toEqual(["1 a 5", "2 b 6"]);
    expect([times.at("a", 0, 5n), times.at("a", 0, 6n)]).toEqual([50, null]);
  });

  it("stays unknown where the answer held no record", async () => {
    const { times } = cluster();
    await times.learn(topics, [at("b", 6n)]);
    expect(times.at("b", 0, 6n)).toBeNull();
  });

  it("of two readers of a partition is learned one after the other", async () => {
    const { asked, times } = cluster();
    const unknown = () => [at("a", 5n), at("a", 7n)].filter((one) => times.at("a", 0, one.offset) === null);
    await times.learn(topics, unknown());
    await times.learn(topics, unknown());
    expect(asked).toHaveLength(2);
    expect(unknown()).toEqual([]);
  });

  it("is forgotten once many others were learned", async () => {
    const { times } = cluster();
    for (let offset = 0n; offset <= 2_000n; offset++) await times.learn(topics, [at("a", offset)]);
    expect([times.at("a", 0, 0n), times.at("a", 0, 1n)]).toEqual([null, 10]);
  });
});
