import { describe, expect, it } from "vitest";
import { boundsOf, checkRequest, choosePartitions, directionOf, planSpans } from "./browse-plan.ts";
import type { BrowseRequest } from "./browse-view.ts";

const request = (given: Partial<BrowseRequest>): BrowseRequest => ({
  topic: "t",
  mode: "newest",
  partitions: null,
  offset: null,
  timestamp: null,
  from: null,
  until: null,
  limit: 50,
  pageToken: null,
  q: null,
  regex: null,
  filter: null,
  ...given,
});

/** Partition 0 has 10–19, partition 1 has 0–4. Time 100 is at 15 and 3; nothing is as late as 200. */
const offsets = {
  starts: new Map([
    [0, 10n],
    [1, 0n],
  ]),
  ends: new Map([
    [0, 20n],
    [1, 5n],
  ]),
  at: new Map([
    [
      100,
      new Map([
        [0, 15n],
        [1, 3n],
      ]),
    ],
    [
      200,
      new Map([
        [0, -1n],
        [1, -1n],
      ]),
    ],
  ]),
};

const spans = (given: Partial<BrowseRequest>, resume: ReadonlyMap<number, bigint> | null = null) =>
  planSpans(request(given), offsets, resume).map(({ start, end }) => [Number(start), Number(end)]);

describe("what is read", () => {
  it.each<[Partial<BrowseRequest>, number[][]]>([
    [
      { mode: "newest" },
      [
        [10, 20],
        [0, 5],
      ],
    ],
    [
      { mode: "oldest" },
      [
        [10, 20],
        [0, 5],
      ],
    ],
    [
      { mode: "from_offset", offset: "4" },
      [
        [10, 20],
        [4, 5],
      ],
    ],
    [
      { mode: "from_offset", offset: "12" },
      [
        [12, 20],
        [5, 5],
      ],
    ],
    [
      { mode: "to_offset", offset: "4" },
      [
        [10, 10],
        [0, 5],
      ],
    ],
    [
      { mode: "to_offset", offset: "12" },
      [
        [10, 13],
        [0, 5],
      ],
    ],
    [
      { mode: "to_offset", offset: "9223372036854775807" },
      [
        [10, 20],
        [0, 5],
      ],
    ],
    [
      { mode: "from_timestamp", timestamp: 100 },
      [
        [15, 20],
        [3, 5],
      ],
    ],
    [
      { mode: "from_timestamp", timestamp: 200 },
      [
        [20, 20],
        [5, 5],
      ],
    ],
    [
      { mode: "to_timestamp", timestamp: 99 },
      [
        [10, 15],
        [0, 3],
      ],
    ],
    [
      { mode: "to_timestamp", timestamp: 199 },
      [
        [10, 20],
        [0, 5],
      ],
    ],
    [
      { mode: "range", from: 100, until: 199 },
      [
        [15, 20],
        [3, 5],
      ],
    ],
    [
      { mode: "range", from: 100, until: null },
      [
        [15, 20],
        [3, 5],
      ],
    ],
    [
      { mode: "range", from: null, until: 99 },
      [
        [10, 15],
        [0, 3],
      ],
    ],
  ])("is, for %o, %o", (given, expected) => {
    expect(spans(given)).toEqual(expected);
  });

  it("goes on where the last page ended, cut to what the log still has", () => {
    const at = new Map([
      [0, 5n],
      [1, 2n],
    ]);
    expect(spans({ mode: "oldest" }, at)).toEqual([
      [10, 20],
      [2, 5],
    ]);
    expect(spans({ mode: "newest" }, at)).toEqual([
      [10, 10],
      [0, 2],
    ]);
    expect(spans({ mode: "range", until: 99 }, at)).toEqual([
      [10, 15],
      [2, 3],
    ]);
  });

  it("has a partition that was added since the last page as new: ahead, not behind", () => {
    const at = new Map([[0, 12n]]);
    expect(spans({ mode: "oldest" }, at)).toEqual([
      [12, 20],
      [0, 5],
    ]);
    expect(spans({ mode: "newest" }, at)).toEqual([
      [10, 12],
      [0, 0],
    ]);
  });

  it("asks for the times that it needs", () => {
    expect(boundsOf(request({ mode: "newest" }))).toEqual({ first: null, after: null });
    expect(boundsOf(request({ mode: "from_timestamp", timestamp: 5 }))).toEqual({ first: 5, after: null });
    expect(boundsOf(request({ mode: "to_timestamp", timestamp: 5 }))).toEqual({ first: null, after: 6 });
    expect(boundsOf(request({ mode: "range", from: 5, until: 7 }))).toEqual({ first: 5, after: 8 });
  });

  it("goes back in time where the page ends at the given place", () => {
    const backward = ["newest", "to_offset", "to_timestamp"] as const;
    const forward = ["oldest", "from_offset", "from_timestamp", "range"] as const;
    for (const mode of backward) expect(directionOf(request({ mode }))).toBe("backward");
    for (const mode of forward) expect(directionOf(request({ mode }))).toBe("forward");
  });
});

describe("a bad request", () => {
  it.each<[Partial<BrowseRequest>, string]>([
    [{ mode: "from_offset" }, "offset: expected one for mode=from_offset, got none"],
    [{ mode: "to_timestamp" }, "timestamp: expected one for mode=to_timestamp, got none"],
    [{ mode: "range" }, "from: expected from, until or both for mode=range, got neither"],
    [
      { mode: "range", from: 5, until: 4 },
      "until: expected a time not before from (1970-01-01T00:00:00.005Z)",
    ],
  ])("%o is refused", (given, message) => {
    expect(() => checkRequest(request(given))).toThrow(message);
  });

  it("names the partitions that there are", () => {
    expect(() => choosePartitions(request({ partitions: [0, 7] }), [0, 1, 2])).toThrow(
      "partitions: expected some of 0–2, got 7",
    );
    expect(choosePartitions(request({ partitions: [2, 0] }), [0, 1, 2])).toEqual([0, 2]);
    expect(choosePartitions(request({}), [0, 1])).toEqual([0, 1]);
  });
});
