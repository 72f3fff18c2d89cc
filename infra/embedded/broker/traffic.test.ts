import { describe, expect, it } from "vitest";
import { array, int16, struct } from "../wire/schema.ts";
import { defineApi } from "./define-api.ts";
import { LATENCY_BUCKETS_S, Traffic } from "./traffic.ts";

const api = defineApi({
  key: 7,
  name: "Seven",
  versions: [0, 0],
  flexibleFrom: null,
  request: struct({}),
  response: struct({ codes: array(struct({ errorCode: int16 })) }),
  handle: () => null,
});

describe("the traffic of an API", () => {
  it("is counted in the first bucket whose bound it does not exceed", () => {
    const traffic = new Traffic();
    for (const seconds of [0, 0.0005, 0.0006, 10, 11]) traffic.answered(api, seconds, null);
    const { answered, seconds, buckets, name } = traffic.apis.get(7)!;
    expect({ answered, name }).toEqual({ answered: 5, name: "Seven" });
    expect(seconds).toBeCloseTo(21.0011);
    expect(buckets).toHaveLength(LATENCY_BUCKETS_S.length + 1);
    expect([buckets[0], buckets[1], buckets.at(-2), buckets.at(-1)]).toEqual([2, 1, 1, 1]);
  });

  it("has every error code that an answer holds, however deep", () => {
    const traffic = new Traffic();
    const partitions = [{ errorCode: 3, records: [Buffer.from("x")] }, { errorCode: 0 }, { errorCode: 3 }];
    traffic.answered(api, 0, { errorCode: -1, topics: [{ name: "errorCode", partitions, ids: [1, 2] }] });
    traffic.answered(api, 0, { errorCode: 3, nothing: null });
    expect(traffic.apis.get(7)!.errors).toEqual(
      new Map([
        [-1, 1],
        [3, 3],
      ]),
    );
  });
});
