import { describe, expect, it } from "vitest";
import { type Chunk, ClientRing } from "./client-ring.ts";

/** A chunk that says its own name. */
const chunk = (name: string, events = 1, bytes = 0, sampled = 0): Chunk => ({
  bytes: Buffer.from(`${name};`.padEnd(bytes, ".")),
  events: new Map([["message t", events]]),
  sampled: new Map(sampled > 0 ? [["message t", sampled]] : []),
});
const dropped = (count: number, reason: string) =>
  `event: dropped\ndata: {"event":"message","topic":"t","function":null,"count":${count},"reason":"${reason}"}\n\n`;
const taken = (ring: ClientRing) => ring.take()?.toString() ?? null;

describe("a client's ring", () => {
  it("gives everything in order in one write", () => {
    const ring = new ClientRing();
    ring.push(chunk("a"));
    ring.push(chunk("b"));
    expect(taken(ring)).toBe("a;b;");
    expect(taken(ring)).toBeNull();
    expect(ring.isEmpty).toBe(true);
  });

  it("holds 1,000 events: overwrites the oldest and says how many before it goes on", () => {
    const ring = new ClientRing();
    for (let n = 1; n <= 120; n++) ring.push(chunk(`c${n}`, 10));
    const text = taken(ring)!;
    expect(text.startsWith(`${dropped(200, "slow")}c21;`)).toBe(true);
    expect(text.endsWith("c120;")).toBe(true);
    ring.push(chunk("next"));
    expect(taken(ring)).toBe("next;");
  });

  it("holds 1 MiB, but always the newest chunk", () => {
    const ring = new ClientRing();
    for (const name of ["a", "b", "c"]) ring.push(chunk(name, 1, 400 * 1024));
    ring.push(chunk("large", 1, 2 * 1024 * 1024));
    expect(taken(ring)).toMatch(/^event: dropped\n.*"count":3,.*\n\nlarge;/);
  });

  it("does not lose what a lost chunk told of", () => {
    const ring = new ClientRing();
    ring.push(chunk("a", 600, 0, 7));
    ring.push(chunk("b", 600));
    expect(taken(ring)).toBe(`${dropped(600, "slow")}${dropped(7, "sampled")}b;`);
  });

  it("writes 64 KiB or one chunk more at a time", () => {
    const ring = new ClientRing();
    for (let n = 0; n < 10; n++) ring.push(chunk(`c${n}`, 1, 20 * 1024));
    expect(ring.take()!.length).toBe(80 * 1024);
    expect(ring.take()!.length).toBe(80 * 1024);
    expect(ring.take()!.length).toBe(40 * 1024);
  });

  it("keeps only the newest stats, apart from the events", () => {
    const ring = new ClientRing();
    ring.setNewest("stats", Buffer.from("old;"));
    ring.push(chunk("a"));
    ring.setNewest("stats", Buffer.from("new;"));
    expect(taken(ring)).toBe("new;a;");
  });

  it("holds events back until what comes before them is there", () => {
    const ring = new ClientRing();
    ring.hold();
    ring.push(chunk("live"));
    expect(ring.isEmpty).toBe(true);
    expect(taken(ring)).toBeNull();
    ring.setNewest("stats", Buffer.from("stats;"));
    expect(taken(ring)).toBe("stats;");
    ring.release([chunk("missed1"), chunk("missed2")], new Map([["message t", 3]]));
    expect(taken(ring)).toBe(`${dropped(3, "slow")}missed1;missed2;live;`);
  });

  it("is bounded while it holds back, and loses the oldest of all first", () => {
    const ring = new ClientRing();
    ring.hold();
    for (let n = 1; n <= 90; n++) ring.push(chunk(`live${n}`, 10));
    ring.release([chunk("missed1", 60), chunk("missed2", 60)], new Map());
    expect(taken(ring)!.startsWith(`${dropped(60, "slow")}missed2;live1;`)).toBe(true);
  });
});
