import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPageToken, toPageToken } from "./browse-token.ts";
import type { BrowseRequest } from "./browse-view.ts";

const request: BrowseRequest = {
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
};

describe("a page token", () => {
  it("carries every offset exactly", () => {
    const positions = fc.dictionary(fc.nat(1_000).map(String), fc.bigInt(0n, 2n ** 63n - 1n));
    fc.assert(
      fc.property(positions, (given) => {
        const at = new Map(Object.entries(given).map(([partition, offset]) => [Number(partition), offset]));
        const pageToken = toPageToken(request, at);
        expect(pageToken).toMatch(/^[\w-]+$/);
        expect(readPageToken({ ...request, pageToken })).toEqual(at);
      }),
    );
  });

  it("serves a page of another size of the same request", () => {
    const pageToken = toPageToken(request, new Map([[0, 5n]]));
    expect(readPageToken({ ...request, pageToken, limit: 7 })).toEqual(new Map([[0, 5n]]));
  });

  it.each([
    { topic: "other" },
    { mode: "oldest" as const },
    { partitions: [0] },
    { offset: "5" },
    { timestamp: 5 },
    { from: 5 },
    { until: 5 },
    { q: "a" },
    { regex: "a" },
    { filter: "true" },
  ])("is refused with other parameters: %o", (other) => {
    const pageToken = toPageToken(request, new Map([[0, 5n]]));
    expect(() => readPageToken({ ...request, ...other, pageToken })).toThrow(/^page_token: expected/);
  });

  it("is refused when it is of another version or made up", () => {
    const token = toPageToken(request, new Map([[0, 5n]]));
    const parts = JSON.parse(Buffer.from(token, "base64url").toString()) as [number, string, unknown];
    const made = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");
    const bad = [
      "",
      "x",
      made([2, parts[1], parts[2]]),
      made([1, parts[1], [[0, "-1"]]]),
      made([1, parts[1], [[0, "99999999999999999999"]]]),
      made([1, parts[1], [[-1, "1"]]]),
      made([1, parts[1]]),
      made(null),
    ];
    for (const pageToken of bad) {
      expect(() => readPageToken({ ...request, pageToken })).toThrow(/^page_token: expected/);
    }
    expect(readPageToken({ ...request, pageToken: made(parts) })).toEqual(new Map([[0, 5n]]));
  });

  it("is not needed", () => {
    expect(readPageToken(request)).toBeNull();
  });
});
