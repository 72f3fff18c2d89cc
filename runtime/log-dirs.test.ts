import { describe, expect, it } from "vitest";
import type { InternalCluster } from "./internal-cluster.ts";
import { decodeLogDirs, type LogDir, readLogDirs } from "./log-dirs.ts";
import { sizesOfLeaders } from "./topic-facts.ts";

const int16 = (n: number) => Buffer.from([n >> 8, n & 0xff]);
const int32 = (n: number) => Buffer.from([n >> 24, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff]);
const int64 = (n: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(n);
  return bytes;
};
const text = (s: string) => Buffer.concat([int16(s.length), Buffer.from(s)]);

/** A cluster of brokers that answer `dirs`, or that serve other versions of the request. */
const clusterOf = (brokers: Record<number, LogDir[] | { minVersion: number; maxVersion: number }>) =>
  ({
    brokerPool: { metadata: { brokers: Object.keys(brokers).map((id) => ({ nodeId: Number(id) })) } },
    findBroker: async ({ nodeId }: { nodeId: number }) => {
      const given = brokers[nodeId]!;
      return Array.isArray(given)
        ? { versions: { 35: { minVersion: 1, maxVersion: 4 } }, connectionPool: { send: async () => given } }
        : { versions: { 35: given } };
    },
  }) as unknown as InternalCluster;

const partition = (topic: string, sizeBytes: number, isFuture = false) => ({
  topic,
  partition: 0,
  sizeBytes,
  isFuture,
});

describe("log sizes", () => {
  it("are read from DescribeLogDirs version 1", async () => {
    const bytes = Buffer.concat([
      int32(0),
      int32(1),
      int16(0),
      text("/data"),
      int32(1),
      text("orders"),
      int32(2),
      ...[int32(0), int64(5_000_000_000n), int64(0n), Buffer.from([0])],
      ...[int32(1), int64(7n), int64(3n), Buffer.from([1])],
    ]);
    expect(await decodeLogDirs(bytes)).toEqual([
      {
        errorCode: 0,
        path: "/data",
        partitions: [
          { topic: "orders", partition: 0, sizeBytes: 5_000_000_000, isFuture: false },
          { topic: "orders", partition: 1, sizeBytes: 7, isFuture: true },
        ],
      },
    ]);
  });

  it("come from all brokers, without copies that are on their way to another folder", async () => {
    const partitions = [partition("orders", 10), partition("orders", 3, true)];
    const cluster = clusterOf({
      1: [{ errorCode: 0, path: "/a", partitions }],
      2: [{ errorCode: 0, path: "/b", partitions: [partition("orders", 9)] }],
    });
    expect(await readLogDirs(cluster)).toEqual({
      entries: [
        { broker: 1, topic: "orders", partition: 0, sizeBytes: 10 },
        { broker: 2, topic: "orders", partition: 0, sizeBytes: 9 },
      ],
      trouble: null,
    });
  });

  it("are missing with a reason where a broker does not serve the request or has lost a disk", async () => {
    const cluster = clusterOf({
      1: [{ errorCode: 0, path: "/a", partitions: [partition("orders", 10)] }],
      2: { minVersion: 2, maxVersion: 4 },
      3: [{ errorCode: 56, path: "/c", partitions: [] }],
    });
    const { entries, trouble } = await readLogDirs(cluster);
    expect(entries).toHaveLength(1);
    expect(trouble).toContain(
      "broker 2: it does not tell log sizes: expected DescribeLogDirs version 1, got versions 2–4",
    );
    expect(trouble).toContain("broker 3: it does not tell the sizes of /c (error 56)");
  });

  it("of a partition are its leader's", () => {
    const at = (broker: number, sizeBytes: number) => ({ broker, topic: "orders", partition: 0, sizeBytes });
    const topics = new Map([["orders", [{ partition: 0, leader: 2, replicas: [1, 2], isr: [1, 2] }]]]);
    expect(sizesOfLeaders({ entries: [at(1, 10), at(2, 9)] }, { topics })).toEqual(
      new Map([["orders/0", 9]]),
    );
  });
});
