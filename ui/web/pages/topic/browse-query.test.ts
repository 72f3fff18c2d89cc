import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  downloadUrl,
  fromAddress,
  fromLocalInput,
  isChosen,
  isSearch,
  pageUrl,
  searchUrl,
  toAddress,
  togglePartition,
  toLocalInput,
} from "./browse-query.ts";

const address = (query: ReturnType<typeof toAddress>) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null)) as Record<string, string>;

describe("what is asked of a topic", () => {
  it("shows the newest records where the address says nothing, and then says nothing there", () => {
    const browse = fromAddress({ tab: "browse" });
    expect(browse).toMatchObject({ mode: "newest", limit: "100", q: "" });
    expect(address(toAddress(browse))).toEqual({});
  });

  it("is read back from the address that it makes", () => {
    const given = {
      mode: "range",
      partitions: "0,2",
      from: "2026-11-22T10:00:00.000Z",
      filter: 'value.a == "x&y"',
    };
    expect(address(toAddress(fromAddress(given)))).toEqual(given);
  });

  it("leaves out what its mode makes no use of", () => {
    const given = {
      mode: "from_offset",
      offset: " 42 ",
      timestamp: "2026-11-22T10:00:00.000Z",
      from: "x",
      until: "y",
    };
    expect(address(toAddress(fromAddress(given)))).toEqual({ mode: "from_offset", offset: "42" });
  });

  it("asks the API for a page, a search or a file by the same names", () => {
    const browse = fromAddress({ mode: "oldest", q: "a b", partitions: "1" });
    expect(pageUrl("a/b", browse, "tok")).toBe(
      "/api/messages/a%2Fb?mode=oldest&partitions=1&limit=100&q=a+b&page_token=tok",
    );
    expect(searchUrl("t", browse, null)).toBe("/api/search/t?mode=oldest&partitions=1&limit=100&q=a+b");
    expect(downloadUrl("t", browse, "csv")).toBe(
      "/api/messages/t/download?mode=oldest&partitions=1&limit=1000000&q=a+b&format=csv",
    );
  });

  it("is a search where anything is looked for", () => {
    expect(isSearch(fromAddress({ mode: "oldest" }))).toBe(false);
    expect(isSearch(fromAddress({ q: "  " }))).toBe(false);
    for (const name of ["q", "regex", "filter"]) expect(isSearch(fromAddress({ [name]: "x" }))).toBe(true);
  });
});

describe("times in the form", () => {
  it("come back as the same moment, whatever the zone", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        // An hour that a clock was set back over comes twice: its text cannot tell which.
        const back = new Date(fromLocalInput(toLocalInput(date.toISOString())));
        expect([0, 3_600_000]).toContain(Math.abs(back.getTime() - date.getTime()));
      }),
    );
  });

  it("may be given as ms, and are none where they are no time", () => {
    expect(fromLocalInput(toLocalInput("1700000000123"))).toBe("2023-11-14T22:13:20.123Z");
    for (const text of ["", "yesterday"]) {
      expect(toLocalInput(text)).toBe("");
      expect(fromLocalInput(text)).toBe("");
    }
  });
});

describe("the choice of partitions", () => {
  it("starts with all, takes one out and puts it back", () => {
    expect(isChosen("", 7)).toBe(true);
    const without = togglePartition("", 1, [0, 1, 2]);
    expect(without).toBe("0,2");
    expect([0, 1, 2].map((one) => isChosen(without, one))).toEqual([true, false, true]);
    expect(togglePartition(without, 1, [0, 1, 2])).toBe("");
  });

  it("is never empty: without the last, it is all of them again", () => {
    expect(togglePartition("1", 1, [0, 1, 2])).toBe("");
  });
});
