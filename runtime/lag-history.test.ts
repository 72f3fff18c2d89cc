import kafkajs from "kafkajs";
import { describe, expect, it, vi } from "vitest";
import type { AdminPort } from "./admin-client.ts";
import type { Cluster } from "./cluster.ts";
import { createLagHistory, KEEP_MS } from "./lag-history.ts";
import type { Logger } from "./log.ts";
import type { ClusterPicture, Observer } from "./observer.ts";
import type { GroupView } from "./view.ts";

const topics = new Map([["t", [{ partition: 0, leader: 1, replicas: [1], isr: [1] }]]]);

/** One group that reads one partition; a test moves the clock, the partition's end and the committed offset. */
function platform() {
  const now = { ms: 1_000_000 };
  let picture: ClusterPicture | null = null;
  let listener: ((picture: ClusterPicture) => void) | null = null;
  const committed = { offset: 0n };
  const gate = { asked: 0, wait: Promise.resolve() };
  const observer: Pick<Observer, "picture" | "endOffset" | "listen"> = {
    picture: () => picture,
    endOffset: (topic, partition) => picture?.ends.get(topic)?.get(partition) ?? null,
    listen(one) {
      listener = one;
      return () => {
        listener = null;
      };
    },
  };
  const client = {
    async listGroups() {
      gate.asked += 1;
      await gate.wait;
      return {
        groups: [
          { groupId: "g", protocolType: "consumer" },
          { groupId: "c", protocolType: "connect" },
        ],
      };
    },
    async describeGroups(ids: string[]) {
      expect(ids).toEqual(["g"]);
      const memberAssignment = kafkajs.AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment: { t: [0] },
        userData: Buffer.alloc(0),
      });
      const member = { memberId: "m", clientId: "c", clientHost: "/127.0.0.1", memberAssignment };
      return { groups: [{ groupId: "g", state: "Stable", protocol: "range", members: [member] }] };
    },
    fetchOffsets: async () => [
      { topic: "t", partitions: [{ partition: 0, offset: String(committed.offset) }] },
    ],
  };
  const fetch = vi.fn<Cluster["fetch"]>(async (_leader, from) =>
    from.map(({ topic, partition, offset }) => {
      const record = { offset: String(offset), timestamp: String(now.ms - 60_000), key: null, value: null };
      return { topic, partition, highWatermark: 0n, records: [record], nextOffset: 0n };
    }),
  );
  const lag = createLagHistory({
    admin: (async (use: (c: typeof client) => unknown) => use(client)) as unknown as AdminPort,
    observer: observer as Observer,
    cluster: { fetch } as unknown as Cluster,
    now: () => now.ms,
    log: { debug: () => {}, error: () => {} } as unknown as Logger,
  });
  const told: (readonly GroupView[])[] = [];
  lag.listen((groups) => told.push(groups));
  lag.start();
  /** A picture is taken `ms` later; resolves once what it sets off is done. */
  const look = async (ms: number, end: bigint): Promise<GroupView | undefined> => {
    now.ms += ms;
    picture = {
      brokers: [],
      topics,
      starts: new Map([["t", new Map([[0, 0n]])]]),
      ends: new Map([["t", new Map([[0, end]])]]),
      takenAt: now.ms,
    };
    listener?.(picture);
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return told.at(-1)?.[0];
  };
  return { lag, look, committed, fetch, told, gate, now };
}

describe("the lag of groups", () => {
  it("is measured at each picture, in records and in seconds", async () => {
    const { look, committed } = platform();
    await look(0, 100n);
    committed.offset = 100n;
    expect(await look(2_000, 100n)).toMatchObject({ lag: 0, lagSeconds: 0 });
    const group = await look(2_000, 120n);
    expect(group).toMatchObject({ id: "g", state: "Stable", lag: 20, lagSeconds: 2 });
    committed.offset = 110n;
    expect(await look(2_000, 140n)).toMatchObject({
      lag: 30,
      lagSeconds: 3,
      partitions: [
        { topic: "t", partition: 0, lag: 30, lagSeconds: 3, committedOffset: "110", endOffset: "140" },
      ],
    });
  });

  it("in seconds of a reader further behind than remembered is looked up once", async () => {
    const { look, fetch } = platform();
    expect(await look(0, 100n)).toMatchObject({ lag: 100, lagSeconds: null });
    expect(await look(2_000, 100n)).toMatchObject({ lag: 100, lagSeconds: 62 });
    expect(await look(2_000, 100n)).toMatchObject({ lagSeconds: 64 });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("is kept for 15 minutes", async () => {
    const { lag, look } = platform();
    expect(lag.points("g")).toBeNull();
    for (let at = 0; at <= KEEP_MS + 60_000; at += 2_000) await look(at === 0 ? 0 : 2_000, BigInt(at));
    const points = lag.points("g")!;
    expect(points).toHaveLength(451);
    expect(points.at(-1)!.timestamp - points[0]!.timestamp).toBe(KEEP_MS);
    expect(points.at(-1)).toMatchObject({
      lag: 960_000,
      partitions: [{ topic: "t", partition: 0, lag: 960_000 }],
    });
    expect(lag.points("other")).toBeNull();
  });

  it("is not measured twice at a time, and less often where it takes long", async () => {
    const { look, gate, now } = platform();
    let answer = (): void => {};
    gate.wait = new Promise((resolve) => {
      answer = resolve;
    });
    await look(0, 1n);
    await look(2_000, 1n);
    expect(gate.asked).toBe(1);
    now.ms += 1_000;
    answer();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await look(2_000, 1n);
    expect(gate.asked).toBe(1); // it took 3 s
    await look(28_000, 1n);
    expect(gate.asked).toBe(2);
  });

  it("goes on being measured after Kafka did not answer", async () => {
    const { look, gate, told } = platform();
    gate.wait = Promise.reject(new Error("refused"));
    await look(0, 1n);
    expect(told).toEqual([]);
    gate.wait = Promise.resolve();
    expect(await look(2_000, 1n)).toMatchObject({ lag: 1 });
  });

  it("is not measured any more once stopped", async () => {
    const { lag, look, gate } = platform();
    lag.stop();
    await look(0, 1n);
    expect(gate.asked).toBe(0);
  });
});
