import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordView } from "../../runtime/view.ts";
import { aRecord } from "../fake-view.ts";
import { planResume, resume } from "./resume.ts";
import { parseVector } from "./vector.ts";

const plan = (was: string, now: string, most?: number) => {
  const { gaps, lost } = planResume(parseVector(was), parseVector(now), most);
  return {
    gaps: gaps.map(({ topic, partition, from, to }) => `${topic}/${partition}:${from}-${to}`),
    lost: Object.fromEntries(lost),
  };
};

describe("planning what to read again", () => {
  it("reads what lies between", () => {
    expect(plan("a/0:3,a/1:7,b/0:1", "a/0:5,a/1:7,b/0:4")).toEqual({
      gaps: ["a/0:3-5", "b/0:1-4"],
      lost: {},
    });
  });

  it("begins with now where the client knew nothing, and leaves out what it no longer follows", () => {
    expect(plan("gone/0:3", "a/0:5")).toEqual({ gaps: [], lost: {} });
  });

  it("reads a topic that was made anew from its start", () => {
    expect(plan("a/0:900", "a/0:5")).toEqual({ gaps: ["a/0:0-5"], lost: {} });
  });

  it("of too many reads the newest of each partition and says how many are left out", () => {
    expect(plan("a/0:0,b/0:0,b/1:0", "a/0:1000000,b/0:50,b/1:500", 300)).toEqual({
      gaps: ["a/0:999900-1000000", "b/0:0-50", "b/1:400-500"],
      lost: { "message a": 999_900, "message b": 400 },
    });
  });

  it("accounts for every offset, within the bound", () => {
    const partition = fc.record({ at: fc.nat(3_000), missed: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(partition, { minLength: 1, maxLength: 8 }), (all) => {
        const was = parseVector(all.map(({ at }, i) => `t/${i}:${at}`).join(","));
        const now = parseVector(all.map(({ at, missed }, i) => `t/${i}:${at + missed}`).join(","));
        const { gaps, lost } = planResume(was, now);
        const read = gaps.reduce((sum, { from, to }) => sum + Number(to - from), 0);
        expect(read).toBeLessThanOrEqual(1_000);
        expect(read + (lost.get("message t") ?? 0)).toBe(all.reduce((sum, { missed }) => sum + missed, 0));
      }),
    );
  });
});

describe("reading again", () => {
  const record = (partition: number, offset: number, timestamp: number): RecordView => ({
    ...aRecord,
    topic: "t",
    partition,
    offset: String(offset),
    timestamp,
    valueText: `"${partition}:${offset}"`,
  });
  const selection = { topics: "*", alertTopics: new Set<string>() } as const;

  it("merges partitions by time, never out of a partition's order, each id going one record further", async () => {
    const stored = [
      [record(0, 0, 10), record(0, 1, 40), record(0, 2, 20)],
      [record(1, 7, 15), record(1, 8, 30)],
    ];
    const { chunks, lost } = await resume(
      { missed: async (_topic, partition) => ({ records: stored[partition]!, gone: 0 }) },
      selection,
      parseVector("t/0:0,t/1:7"),
      parseVector("t/0:3,t/1:9,u/0:5"),
    );
    const text = chunks.map(({ bytes }) => bytes.toString()).join("");
    expect([...text.matchAll(/"value":"(.*?)"/g)].map(([, value]) => value)).toEqual([
      "0:0",
      "1:7",
      "1:8",
      "0:1",
      "0:2",
    ]);
    expect(text.endsWith("id: t/0:3,t/1:9,u/0:5\n\n")).toBe(true);
    const ids = [...text.matchAll(/^id: (.*)$/gm)].slice(0, -1).map(([, id]) => parseVector(id!));
    expect(ids.map((id) => `${id.get("t", 0)} ${id.get("t", 1)} ${id.get("u", 0)}`)).toEqual([
      "1 7 5",
      "1 8 5",
      "1 9 5",
      "2 9 5",
      "3 9 5",
    ]);
    expect(lost.size).toBe(0);
  });

  it("says what the topic no longer holds and what cannot be read", async () => {
    const { chunks, lost } = await resume(
      {
        missed: async (_topic, partition) => {
          if (partition === 1) throw new Error("no leader");
          return { records: [record(0, 4, 1)], gone: 4 };
        },
      },
      selection,
      parseVector("t/0:0,t/1:7"),
      parseVector("t/0:5,t/1:9"),
    );
    expect(Object.fromEntries(lost)).toEqual({ "message t": 6 });
    const [problem, message] = chunks.map(({ bytes }) => bytes.toString());
    expect(problem).toMatch(/^event: problem\ndata: .*"status":503,.*t\/1.*no leader/);
    expect(message).toContain('"value":"0:4"');
  });
});
