import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitForPartitions } from "./fetch-wait.ts";
import type { Partition } from "./partition.ts";

/** A partition that is only watched. */
class Watched {
  readonly watchers = new Set<() => void>();
  watch(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }
  change(): void {
    for (const watcher of [...this.watchers]) watcher();
  }
}

describe("waiting for records", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function start(isReady: () => boolean, signal = new AbortController().signal) {
    const [a, b] = [new Watched(), new Watched()];
    let ended = false;
    const partitions = [a, b] as unknown as Partition[];
    const promise = waitForPartitions({ partitions, isReady, maxWaitMs: 500, signal }).finally(() => {
      ended = true;
    });
    return { a, b, promise, ended: () => ended, watching: () => a.watchers.size + b.watchers.size };
  }

  it("goes on until enough is there, and then at once", async () => {
    let bytes = 0;
    const { a, b, promise, ended, watching } = start(() => bytes >= 100);
    bytes = 60;
    a.change();
    await vi.advanceTimersByTimeAsync(499);
    expect(ended()).toBe(false);
    bytes = 120;
    b.change();
    await promise;
    expect(watching()).toBe(0);
  });

  it("ends after the longest wait", async () => {
    const { promise, watching } = start(() => false);
    await vi.advanceTimersByTimeAsync(500);
    await promise;
    expect(watching()).toBe(0);
  });

  it("ends when nobody waits for the answer any more", async () => {
    const connection = new AbortController();
    const { promise, watching } = start(() => false, connection.signal);
    connection.abort();
    await promise;
    expect(watching()).toBe(0);
  });

  it("does not begin for a connection that is closed already", async () => {
    const { promise, watching } = start(() => false, AbortSignal.abort());
    await promise;
    expect(watching()).toBe(0);
  });

  it("passes on what goes wrong while looking", async () => {
    const { a, promise, watching } = start(() => {
      throw new Error("unreadable");
    });
    a.change();
    await expect(promise).rejects.toThrow("unreadable");
    expect(watching()).toBe(0);
  });
});
