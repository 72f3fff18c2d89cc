import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createObserver } from "./observer.ts";
import { readAsIs } from "./readable.ts";
import { createTail, TAIL_BYTES, TAIL_RECORDS } from "./tail.ts";
import { createTestLog } from "./testing.ts";
import { createTestCluster } from "./testing-cluster.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

async function start(mostPerFetch?: number) {
  const cluster = createTestCluster(mostPerFetch);
  // A long poll: the next answer comes only when the clock has moved on.
  const { fetch } = cluster;
  cluster.fetch = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return fetch(...args);
  };
  const observer = createObserver(cluster, Date.now);
  const createCluster = vi.fn(() => cluster);
  const tail = createTail({
    createCluster,
    observer,
    now: Date.now,
    log: createTestLog().log,
    readable: readAsIs,
  });
  const begin = async (): Promise<void> => {
    observer.start();
    await vi.advanceTimersByTimeAsync(0);
    tail.start();
    await vi.advanceTimersByTimeAsync(1_000);
  };
  const stop = async (): Promise<void> => {
    const stopping = Promise.all([tail.stop(), observer.stop()]);
    await vi.advanceTimersByTimeAsync(5_000);
    await stopping;
  };
  return { cluster, tail, begin, stop, createCluster };
}
const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

describe("a tail", () => {
  it("holds the newest records of each topic, in the order of time over partitions", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1, 1]);
    cluster.append("t", 0, ...range(0, 3));
    cluster.append("t", 1, ...range(100, 2));
    await begin();
    const view = (limit: number) =>
      tail.recent("t", limit).map((r) => `${r.partition}/${r.offset}:${r.valueText}`);
    expect(view(50)).toEqual(["0/0:0", "1/0:100", "0/1:1", "1/1:101", "0/2:2"]);
    expect(view(2)).toEqual(["1/1:101", "0/2:2"]);
    expect(view(0)).toEqual([]);
    expect([
      tail.recentCount("t"),
      tail.consumed("t"),
      tail.recent("unknown", 5),
      tail.recentCount("unknown"),
    ]).toEqual([5, 5, [], 0]);
    await stop();
  });

  it("follows what is written, topics that come later included", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    await begin();
    expect(tail.lastUpdate()).toBeNull();
    cluster.append("t", 0, "new");
    cluster.createTopic("late", [2]);
    cluster.append("late", 0, "late");
    await vi.advanceTimersByTimeAsync(5_000);
    expect([tail.recent("t", 5)[0]!.valueText, tail.recent("late", 5)[0]!.valueText]).toEqual([
      '"new"',
      '"late"',
    ]);
    expect(tail.lastUpdate()).toBeGreaterThan(1_000_000);
    await stop();
  });

  it("holds fewer records when they are large, and always the newest one", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    const large = "x".repeat(TAIL_BYTES / 4);
    cluster.append("t", 0, ...range(0, 9).map((i) => `${i}${large}`));
    await begin();
    expect(tail.recent("t", 50).map((r) => r.offset)).toEqual(["6", "7", "8"]);
    cluster.append("t", 0, "x".repeat(3 * TAIL_BYTES));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tail.recent("t", 50).map((r) => r.offset)).toEqual(["9"]);
    cluster.append("t", 0, "small");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tail.recent("t", 50).map((r) => r.offset)).toEqual(["10"]);
    await stop();
  });

  it("holds so many records a topic and no more", async () => {
    const { cluster, tail, begin, stop } = await start(700);
    cluster.createTopic("t", [1]);
    await begin();
    for (let i = 0; i < 5; i++) {
      cluster.append("t", 0, ...range(i * 900, 900));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(tail.recentCount("t")).toBeLessThanOrEqual(TAIL_RECORDS);
    }
    const newest = tail.recent("t", 10_000);
    expect([newest.length, newest[0]!.offset, newest.at(-1)!.offset]).toEqual([TAIL_RECORDS, "3500", "4499"]);
    expect(tail.consumed("t")).toBe(4_500);
    await stop();
  });

  it("begins near the end of what is there already", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    cluster.append("t", 0, ...range(0, 3_000));
    await begin();
    expect(cluster.fetches[0]).toEqual([{ topic: "t", partition: 0, offset: 2_000n }]);
    expect(tail.recent("t", 1)[0]!.offset).toBe("2999");
    await stop();
  });

  it("goes on near the end when it has fallen far behind", async () => {
    const { cluster, tail, begin, stop } = await start(10);
    cluster.createTopic("t", [1]);
    await begin();
    cluster.append("t", 0, ...range(0, 20_000));
    await vi.advanceTimersByTimeAsync(2_000);
    const next = cluster.fetches.at(-1)![0]!.offset;
    expect(next).toBeGreaterThanOrEqual(19_000n);
    expect(tail.recent("t", 1)[0]!.offset).toBe(String(next + 9n));
    await stop();
  });

  it("goes on where records begin after retention has cut its place away", async () => {
    const { cluster, tail, begin, stop } = await start(1);
    cluster.createTopic("t", [1]);
    cluster.append("t", 0, ...range(0, 500));
    await begin();
    cluster.cut("t", 0, 490n);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(tail.recent("t", 1)[0]!.offset).toBe("499");
    await stop();
  });

  it("starts over with a topic that was deleted and made anew", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    cluster.append("t", 0, ...range(0, 50));
    await begin();
    cluster.createTopic("t", [1]);
    cluster.append("t", 0, "anew");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(tail.recent("t", 100).map((r) => r.valueText)).toEqual(['"anew"']);
    await stop();
  });

  it("goes on after an outage", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    await begin();
    cluster.trouble = new Error("no broker");
    await vi.advanceTimersByTimeAsync(10_000);
    cluster.trouble = null;
    cluster.append("t", 0, "back");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(tail.recent("t", 1)[0]!.valueText).toBe('"back"');
    await stop();
  });

  it("leaves out a topic that it may see but not read, says so, and takes it up when it may", async () => {
    const { cluster, tail, begin, stop } = await start();
    for (const topic of ["a", "secret", "z"]) cluster.createTopic(topic, [1]);
    cluster.denied.add("secret");
    await begin();
    for (const topic of ["a", "secret", "z"]) cluster.append(topic, 0, topic);
    await vi.advanceTimersByTimeAsync(2_000);
    const counts = () => ["a", "secret", "z"].map((topic) => tail.recentCount(topic));
    expect(counts()).toEqual([1, 0, 1]);
    expect(tail.unreadable("secret")).toMatch(/^TOPIC_AUTHORIZATION_FAILED: Not authorized/);
    expect([tail.unreadable("a"), tail.unreadable("unknown")]).toEqual([null, null]);

    const told: unknown[] = [];
    tail.listen(({ topic, records, skipped }) => told.push([topic, records.length, skipped]));
    const asked = cluster.fetches.length;
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = cluster.fetches.slice(asked).filter((from) => from.some(({ topic }) => topic === "secret"));
    expect(tries.length).toBeGreaterThan(1);
    expect(tries.length).toBeLessThan(6);
    expect(told).toEqual([]);

    cluster.denied.clear();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(counts()).toEqual([1, 1, 1]);
    expect(tail.unreadable("secret")).toBeNull();
    expect(told).toEqual([["secret", 1, 0]]);
    await stop();
  });

  it("is not stopped by a topic that may not be read any more while it is being read", async () => {
    const { cluster, tail, begin, stop } = await start();
    for (const topic of ["a", "b"]) cluster.createTopic(topic, [1]);
    await begin();
    cluster.denied.add("b");
    await vi.advanceTimersByTimeAsync(2_000);
    cluster.append("a", 0, "on");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([tail.recentCount("a"), tail.unreadable("b")]).toEqual([1, expect.stringContaining("ksp acls")]);
    await stop();
  });

  it("asks each broker over a connection of its own", async () => {
    const { cluster, begin, stop, createCluster } = await start();
    cluster.createTopic("t", [1, 2, 1]);
    await begin();
    expect(createCluster).toHaveBeenCalledTimes(2);
    await stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("holds its records' own bytes, and not the responses that they came in", async () => {
    const { cluster, tail, begin, stop } = await start();
    cluster.createTopic("t", [1]);
    const response = Buffer.from('{"a":1}-of-a-large-response');
    cluster.append("t", 0, response.subarray(0, 7));
    await begin();
    response.fill("x");
    expect(tail.recent("t", 1)[0]!.valueText).toBe('{"a":1}');
    await stop();
  });
});
