import { describe, expect, it } from "vitest";
import { parseMessage } from "../../data/message.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { KINDS, type Sample, seriesByHost, statisticsOf, thresholdOf, toSample } from "./metrics.ts";

const cpu = KINDS[0]!;
const network = KINDS[3]!;
const sample = (host: string, at: number, ...values: (number | null)[]): Sample => ({
  host,
  at,
  kind: cpu,
  values,
});
const read = (value: unknown) =>
  toSample(
    parseMessage(
      JSON.stringify({
        topic: "system-metrics",
        partition: 0,
        offset: "1",
        timestamp: "1970-01-01T00:00:01Z",
        value,
      }),
    ),
  );

describe("a sample", () => {
  it("has a value for each line of its kind", () => {
    expect(read({ host: "h", metric_type: "network", rx_errors: 3, tx_errors: "no" })).toEqual({
      at: 1000,
      host: "h",
      kind: network,
      values: [3, null],
    });
  });

  it("of an unknown kind is none", () => {
    expect(read({ host: "h", metric_type: "gpu", usage_percent: 3 })).toBeNull();
  });
});

describe("series by host", () => {
  it("are in the order of time, hosts by name, and of one kind", () => {
    const samples = [
      sample("b", 2, 20),
      sample("b", 1, 10),
      sample("a", 1, 5),
      { ...sample("c", 1, 1), kind: network },
    ];
    const series = seriesByHost(samples, cpu);
    expect([...series.keys()]).toEqual(["a", "b"]);
    expect(series.get("b")).toEqual({ times: [1, 2], lines: [{ label: "Usage", values: [10, 20] }] });
  });

  it("take the later of two samples of the same moment", () => {
    expect(seriesByHost([sample("a", 1, 5), sample("a", 1, 6)], cpu).get("a")?.lines[0]?.values).toEqual([6]);
  });
});

describe("statistics", () => {
  const of = (values: (number | null)[], threshold: number | null = null) =>
    statisticsOf({ times: values.map((_, at) => at), lines: [{ label: "", values }] }, threshold);

  it("tell the last, the lowest, the highest, mean and spread", () => {
    expect(of([2, 4, 4, 4, 5, 5, 7, 9])).toMatchObject({
      samples: 8,
      last: 9,
      min: 2,
      max: 9,
      mean: 5,
      stddev: 2,
    });
  });

  it("tell what 95 of a hundred values do not exceed", () => {
    expect(of(Array.from({ length: 100 }, (_, index) => 100 - index))?.p95).toBe(95);
    expect(of([7])?.p95).toBe(7);
  });

  it("count what is over the threshold, not what is at it", () => {
    expect(of([84, 85, 86, null], 85)?.over).toBe(1);
    expect(of([86])?.over).toBeNull();
  });

  it("take the higher of two lines, and nothing from where there is none", () => {
    const lines = [
      { label: "a", values: [1, null, null] },
      { label: "b", values: [3, 2, null] },
    ];
    expect(statisticsOf({ times: [0, 1, 2], lines }, 2)).toMatchObject({
      samples: 2,
      max: 3,
      last: 2,
      over: 1,
    });
    expect(of([])).toBeNull();
  });
});

describe("a threshold", () => {
  const fn = (config: unknown) => ({ config }) as FunctionInfo;

  it("is taken from the function that has the setting", () => {
    expect(thresholdOf([fn(null), fn({}), fn({ cpuPercent: 70 })], cpu)).toBe(70);
    expect(thresholdOf([fn({ cpuPercent: "70" })], cpu)).toBeNull();
  });
});
