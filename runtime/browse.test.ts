import { describe, expect, it } from "vitest";
import { type Browse, createBrowse } from "./browse.ts";
import type { BrowseRequest, SearchEvent } from "./browse-view.ts";
import { FakeCluster, kafkaError } from "./fake-cluster.ts";

const request = (given: Partial<BrowseRequest> = {}): BrowseRequest => ({
  topic: "t",
  mode: "oldest",
  partitions: null,
  offset: null,
  timestamp: null,
  from: null,
  until: null,
  limit: 1_000,
  pageToken: null,
  q: null,
  regex: null,
  filter: null,
  ...given,
});

const NEVER = new AbortController().signal;
/** Clocks in tests stand still unless they are moved. */
const setUp = (cluster: FakeCluster, now = () => 0): Browse => createBrowse(() => cluster, now);
const offsetsOf = (records: readonly { offset: string }[]) => records.map(({ offset }) => Number(offset));
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("expected a refusal"),
    (error) => ({ message: error.message, ...error.refusal }),
  );

describe("a page", () => {
  it("has a connection of its own, which is closed with it", async () => {
    const cluster = new FakeCluster(25);
    const { records, nextPageToken } = await setUp(cluster).page(request(), NEVER);
    expect(records).toHaveLength(25);
    expect(nextPageToken).toBeNull();
    expect(cluster.isConnected).toBe(false);
  });

  it("is given as it is after five seconds, with the token to go on", async () => {
    const cluster = new FakeCluster(100);
    let now = 0;
    cluster.onFetch = () => {
      now += 2_000;
    };
    const browse = setUp(cluster, () => now);
    const first = await browse.page(request({ q: "nowhere" }), NEVER);
    expect(first).toMatchObject({ records: [], scanned: 30, nextPageToken: expect.any(String) });
    cluster.isConnected = true;
    const next = await browse.page(request({ q: "nowhere", pageToken: first.nextPageToken }), NEVER);
    expect(next.scanned).toBe(30);
  });

  it("is given as it is after 200,000 offsets", async () => {
    const cluster = new FakeCluster(0);
    const record = { timestamp: "1", key: null, value: Buffer.from("x") };
    cluster.log = Array.from({ length: 300_000 }, (_, i) => ({ ...record, offset: String(i) }));
    cluster.fetch = async (_node, [from]) => {
      const offset = Number(from!.offset);
      const records = cluster.log.slice(offset, offset + 50_000);
      const nextOffset = BigInt(offset + records.length);
      return [{ topic: "t", partition: 0, highWatermark: 0n, records, nextOffset }];
    };
    const page = await setUp(cluster).page(request({ q: "nowhere" }), NEVER);
    expect(page).toMatchObject({ scanned: 200_000, nextPageToken: expect.any(String) });
  });

  it("asks for the leader anew when it has moved", async () => {
    const cluster = new FakeCluster(25);
    cluster.onFetch = () => {
      cluster.leader = 2;
    };
    expect((await setUp(cluster).page(request(), NEVER)).records).toHaveLength(25);
  });

  it("goes on with what is left when the log is cut while it is read", async () => {
    const cluster = new FakeCluster(50);
    cluster.onFetch = (offset) => {
      if (offset === 10n) cluster.start = 35;
    };
    const { records } = await setUp(cluster).page(request(), NEVER);
    expect(offsetsOf(records)).toEqual([
      0,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9,
      ...Array.from({ length: 15 }, (_, i) => 35 + i),
    ]);
  });

  it("steps over a batch that has no records left", async () => {
    const cluster = new FakeCluster(13);
    const { fetch } = cluster;
    cluster.fetch = async (node, from) => {
      const [got] = await fetch.call(cluster, node, from);
      // Offsets 0–2 are such a batch: nothing is seen of it but that nothing comes.
      return from[0]!.offset < 3n ? [{ ...got!, records: [], nextOffset: from[0]!.offset }] : [got!];
    };
    const { records } = await setUp(cluster).page(request(), NEVER);
    expect(offsetsOf(records)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("is refused with what Kafka said when that does not pass", async () => {
    const cluster = new FakeCluster(5);
    cluster.onFetch = () => {
      throw kafkaError("TOPIC_AUTHORIZATION_FAILED");
    };
    expect(await refusalOf(setUp(cluster).page(request(), NEVER))).toEqual({
      kind: "unavailable",
      message: "Kafka does not give t: told so: TOPIC_AUTHORIZATION_FAILED (`ksp acls` lists what is needed)",
    });
    expect(cluster.fetches).toBe(3);
    expect(cluster.isConnected).toBe(false);
  });

  it("does not take a fault of ours for Kafka's", async () => {
    const cluster = new FakeCluster(5);
    cluster.onFetch = () => {
      throw new TypeError("bug");
    };
    await expect(setUp(cluster).page(request(), NEVER)).rejects.toThrow(TypeError);
    expect(cluster.isConnected).toBe(false);
  });

  it("is refused for what is not there", async () => {
    const cluster = new FakeCluster(5);
    const browse = setUp(cluster);
    expect(await refusalOf(browse.page(request({ topic: "nope" }), NEVER))).toMatchObject({
      kind: "missing",
    });
    expect(await refusalOf(browse.page(request({ partitions: [1] }), NEVER))).toEqual({
      kind: "invalid",
      parameter: "partitions",
      message: "partitions: expected 0, got 1",
    });
    cluster.leader = -1;
    expect(await refusalOf(browse.page(request(), NEVER))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("partition 0 of t has no leader"),
    });
  });

  it("ends when whoever asked leaves, or the platform stops", async () => {
    const leaving = new AbortController();
    const cluster = new FakeCluster(50);
    cluster.onFetch = () => leaving.abort(new Error("left"));
    await expect(setUp(cluster).page(request(), leaving.signal)).rejects.toThrow("left");
    expect(cluster.fetches).toBe(1);

    const other = new FakeCluster(50);
    const browse = setUp(other);
    other.onFetch = () => browse.stop();
    expect(await refusalOf(browse.page(request(), NEVER))).toMatchObject({
      message: "The platform is stopping",
    });
    expect(other.isConnected).toBe(false);
  });
});

describe("one record", () => {
  it("is found by its offset, and null where there is none", async () => {
    const cluster = new FakeCluster(25);
    cluster.start = 5;
    const browse = setUp(cluster);
    const at = (offset: string) => {
      cluster.isConnected = true;
      return browse.record("t", 0, offset, NEVER);
    };
    expect((await at("17"))?.record).toMatchObject({ offset: "17", valueText: '{"i":17}' });
    expect(await at("4")).toBeNull();
    expect(await at("25")).toBeNull();
    expect(await at("9223372036854775807")).toBeNull();
  });
});

describe("a search", () => {
  const collect = async (events: AsyncGenerator<SearchEvent>): Promise<SearchEvent[]> => {
    const all: SearchEvent[] = [];
    for await (const event of events) all.push(event);
    return all;
  };

  it("tells progress twice a second at most, and what came of it", async () => {
    const cluster = new FakeCluster(100);
    let now = 0;
    cluster.onFetch = () => {
      now += 200;
    };
    const events = await collect(await setUp(cluster, () => now).search(request({ q: '"i":42' }), NEVER));
    expect(events.filter(({ kind }) => kind === "record")).toHaveLength(1);
    const told = events.flatMap((event) =>
      event.kind === "record" ? [] : [[event.kind, event.elapsedMs, event.scanned]],
    );
    expect(told).toEqual([
      ["progress", 0, 0],
      ["progress", 600, 30],
      ["progress", 1200, 60],
      ["progress", 1800, 90],
      ["done", 2000, 100],
    ]);
    expect(events.at(-1)).toMatchObject({ total: 100, matched: 1, limitReached: false, nextPageToken: null });
  });

  it("does not read what was written after it began", async () => {
    const cluster = new FakeCluster(20);
    cluster.onFetch = () => {
      if (cluster.log.length < 500) cluster.log.push(...new FakeCluster(10).log);
    };
    const events = await collect(await setUp(cluster).search(request({ q: "i" }), NEVER));
    expect(events.filter(({ kind }) => kind === "record")).toHaveLength(20);
  });

  it("says that more may be there only where it is", async () => {
    const done = async (limit: number) => {
      const events = await collect(
        await setUp(new FakeCluster(20)).search(request({ q: "i", limit }), NEVER),
      );
      return events.at(-1);
    };
    expect(await done(19)).toMatchObject({ limitReached: true, nextPageToken: expect.any(String) });
    expect(await done(20)).toMatchObject({ limitReached: false, nextPageToken: null });
  });

  it("gives its place back however it ends: done, given up, or never begun", async () => {
    const leaving = new AbortController();
    const clusters = [1, 2, 3, 4].map(() => new FakeCluster(50));
    let next = 0;
    const browse = createBrowse(
      () => clusters[next++]!,
      () => 0,
    );
    const running = await Promise.all(clusters.map(() => browse.search(request({ q: "i" }), leaving.signal)));
    expect(await refusalOf(browse.search(request(), NEVER))).toMatchObject({ kind: "busy" });
    expect(next).toBe(4);
    await collect(running[0]!);
    await running[1]!.next();
    await running[1]!.return(undefined);
    leaving.abort();
    await Promise.all(running.slice(2).map((one) => one.return(undefined)));
    clusters.push(...clusters.map(() => new FakeCluster(1)));
    await Promise.all(clusters.slice(4).map(() => browse.search(request(), NEVER)));
    expect(clusters.slice(0, 4).map(({ isConnected }) => isConnected)).toEqual([false, false, false, false]);
    expect(clusters.slice(4).every(({ isConnected }) => isConnected)).toBe(true);
  });

  it("asks Kafka nothing for a filter that is none", async () => {
    const browse = createBrowse(
      () => expect.unreachable("expected no connection"),
      () => 0,
    );
    expect(await refusalOf(browse.search(request({ regex: "(" }), NEVER))).toMatchObject({
      parameter: "regex",
    });
    expect(await refusalOf(browse.search(request({ mode: "range" }), NEVER))).toMatchObject({
      parameter: "from",
    });
  });
});

describe("a download", () => {
  it("has records whole, up to its limit", async () => {
    const cluster = new FakeCluster(25);
    cluster.log[3]!.value = Buffer.alloc(20_000, "x");
    const records = [];
    for await (const record of await setUp(cluster).download(request({ limit: 12 }), NEVER))
      records.push(record);
    expect(offsetsOf(records)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(records[3]!.valueText).toHaveLength(20_000);
    expect(cluster.isConnected).toBe(false);
  });
});
