import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createObserver } from "./observer.ts";
import { createTestCluster } from "./testing-cluster.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function start() {
  const cluster = createTestCluster();
  cluster.createTopic("t", [1, 1]);
  return { cluster, observer: createObserver(cluster, Date.now) };
}

describe("an observer", () => {
  it("has no picture before its first, and says why", () => {
    const { observer } = start();
    expect([observer.picture(), observer.trouble(), observer.rate("t"), observer.endOffset("t", 0)]).toEqual([
      null,
      "not connected yet",
      0,
      null,
    ]);
  });

  it("takes a picture of partitions and offsets now and then", async () => {
    const { cluster, observer } = start();
    cluster.append("t", 0, 1, 2);
    observer.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(observer.picture()).toMatchObject({ takenAt: 1_000_000 });
    expect(observer.picture()!.topics.get("t")).toHaveLength(2);
    expect([observer.endOffset("t", 0), observer.endOffset("t", 1), observer.endOffset("t", 9)]).toEqual([
      2n,
      0n,
      null,
    ]);
    cluster.append("t", 1, 3);
    cluster.createTopic("new", [1]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(observer.endOffset("t", 1)).toBe(1n);
    expect(observer.picture()!.topics.has("new")).toBe(true);
    await observer.stop();
  });

  it("tells records per second over the last ten seconds", async () => {
    const { cluster, observer } = start();
    observer.start();
    for (let second = 0; second < 30; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      cluster.append("t", second % 2, ...new Array(second < 15 ? 100 : 5).fill(0));
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(observer.rate("t")).toBeGreaterThan(3);
    expect(observer.rate("t")).toBeLessThan(6);
    expect(observer.rate("unknown")).toBe(0);
    await observer.stop();
  });

  it("tells no negative rate of a topic that was made anew", async () => {
    const { cluster, observer } = start();
    cluster.append("t", 0, 1, 2, 3);
    await observer.refresh();
    cluster.createTopic("t", [1]);
    vi.setSystemTime(1_002_000);
    await observer.refresh();
    expect(observer.rate("t")).toBe(0);
  });

  it("keeps the last picture through an outage, says what is wrong, and goes on by itself", async () => {
    const { cluster, observer } = start();
    observer.start();
    await vi.advanceTimersByTimeAsync(0);
    cluster.trouble = new Error("no broker");
    await vi.advanceTimersByTimeAsync(20_000);
    expect([observer.trouble(), observer.picture()?.takenAt]).toEqual(["no broker", 1_000_000]);
    await expect(observer.refresh()).rejects.toThrow("no broker");
    cluster.trouble = null;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([observer.trouble(), observer.picture()?.takenAt]).toEqual([null, 1_022_000]);
    await observer.stop();
  });

  it("stops even while Kafka does not answer, and leaves no connection behind", async () => {
    const { cluster, observer } = start();
    const { metadata } = cluster;
    let hangUp = (): void => {};
    cluster.metadata = () =>
      new Promise((_, reject) => {
        hangUp = () => reject(new Error("connection closed"));
      });
    const { disconnect } = cluster;
    cluster.disconnect = async () => {
      hangUp();
      await disconnect();
    };
    observer.start();
    await vi.advanceTimersByTimeAsync(60_000);
    cluster.metadata = metadata;
    await observer.stop();
    expect([cluster.connected, vi.getTimerCount()]).toEqual([false, 0]);
  });
});
