import { describe, expect, it } from "vitest";
import type { CapturedBatch } from "./capture/format.ts";
import { type ReadTopicRequest, readTopic } from "./read-topic.ts";
import { jsonSerde } from "./serde.ts";
import { MAX_FUTURE_SKEW_MS } from "./state.ts";
import { createTestCluster } from "./testing-cluster.ts";

function start(mostPerFetch?: number) {
  const cluster = createTestCluster(mostPerFetch);
  cluster.createTopic("t", [1, 2]);
  cluster.append("t", 0, ...Array.from({ length: 6 }, (_, i) => ({ i })));
  cluster.append("t", 1, { i: 100 });
  const controller = new AbortController();
  const read = async (more: Partial<ReadTopicRequest> = {}): Promise<CapturedBatch[]> => {
    const { signal } = controller;
    const request = { topic: "t", from: null, to: null, now: 1e9, serde: jsonSerde, signal, ...more };
    const batches: CapturedBatch[] = [];
    for await (const batch of readTopic(cluster, request)) batches.push(batch);
    return batches;
  };
  return { cluster, read, abort: () => controller.abort() };
}
const offsetsOf = (batches: CapturedBatch[]): string[] =>
  batches.map(({ input }) => `${input.partition}: ${input.records.map((r) => r.offset).join(" ")}`);

describe("readTopic", () => {
  it("reads all partitions from the earliest record to the end as it is", async () => {
    const { read } = start();
    const batches = await read();
    expect(offsetsOf(batches)).toEqual(["0: 0 1 2 3 4 5", "1: 0"]);
    expect(batches[1]).toEqual({
      input: {
        kind: "batch",
        topic: "t",
        partition: 1,
        state: {},
        records: [
          { offset: "0", timestamp: 1_000, streamTimeMs: 1_000, key: "k", headers: {}, value: { i: 100 } },
        ],
      },
      raw: [{ offset: "0", key: "aw==", value: Buffer.from('{"i":100}').toString("base64"), headers: [] }],
    });
  });

  it("ends at the end as it was at first, while records are still being written", async () => {
    const { cluster, read } = start(2);
    const { fetch } = cluster;
    cluster.fetch = (...args) => {
      cluster.append("t", 0, "more");
      return fetch(...args);
    };
    expect(offsetsOf(await read())).toEqual(["0: 0 1", "0: 2 3", "0: 4 5", "1: 0"]);
  });

  it.each<[Partial<ReadTopicRequest>, string[]]>([
    [{ from: { kind: "offset", offset: "4" } }, ["0: 4 5"]],
    [{ to: { kind: "offset", offset: "2" } }, ["0: 0 1", "1: 0"]],
    [{ from: { kind: "offset", offset: "2" }, to: { kind: "offset", offset: "4" } }, ["0: 2 3"]],
    [{ from: { kind: "offset", offset: "99" } }, []],
    [{ from: { kind: "time", timestampMs: 1_003 } }, ["0: 3 4 5"]],
    [{ to: { kind: "time", timestampMs: 1_003 } }, ["0: 0 1 2", "1: 0"]],
    [{ from: { kind: "time", timestampMs: 5_000 } }, []],
  ] as never)("reads between bounds: %j", async (bounds, expected) => {
    expect(offsetsOf(await start().read(bounds))).toEqual(expected);
  });

  it("begins where records begin after retention has cut them", async () => {
    const { cluster, read } = start();
    cluster.cut("t", 0, 4n);
    expect(offsetsOf(await read({ from: { kind: "offset", offset: "1" } as never }))).toEqual(["0: 4 5"]);
  });

  it("hands on stream time from batch to batch of a partition, and not into the future", async () => {
    const { cluster, read } = start(1);
    const [first, second] = cluster.partition("t", 0).records;
    Object.assign(first!, { timestamp: "2000" });
    Object.assign(second!, { timestamp: "9999999999999" });
    const batches = await read({ now: 5_000, to: { kind: "offset", offset: "3" } as never });
    const times = batches.flatMap(({ input }) => input.records.map((r) => r.streamTimeMs));
    expect(times).toEqual([2_000, 5_000 + MAX_FUTURE_SKEW_MS, 5_000 + MAX_FUTURE_SKEW_MS, 1_000]);
  });

  it("gives what is not JSON as text, with its bytes beside it", async () => {
    const { cluster, read } = start();
    cluster.append("t", 1, Buffer.from([0x61, 0xff]), null);
    const [, batch] = await read();
    expect(batch!.input.records.map((r) => r.value)).toEqual([{ i: 100 }, "a\ufffd", null]);
    expect(batch!.raw.slice(1)).toMatchObject([{ value: "Yf8=" }, { value: null }]);
  });

  it("says which topic is not there, and which partition has no leader", async () => {
    const { cluster, read } = start();
    await expect(read({ topic: "nope" })).rejects.toThrow('expected a topic of the cluster, got "nope"');
    cluster.partition("t", 1).leader = -1;
    await expect(read()).rejects.toThrow("partition 1 of t has no leader at the moment");
  });

  it("stops when it is told to", async () => {
    const { cluster, read, abort } = start(1);
    const { fetch } = cluster;
    cluster.fetch = (...args) => {
      abort();
      return fetch(...args);
    };
    expect(offsetsOf(await read())).toEqual(["0: 0"]);
  });
});
