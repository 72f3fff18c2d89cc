import { describe, expect, it } from "vitest";
import { parseId, parsePlace, recordHref } from "./record-link.ts";

describe("the link to a record", () => {
  it("names topic, partition and offset, and is read back", () => {
    const place = { topic: "a/b&c", partition: 3, offset: "9007199254740993" };
    const url = new URL(recordHref(place), "http://localhost");
    expect(url.pathname).toBe("/topics/a%2Fb%26c");
    expect(parsePlace("a/b&c", url.searchParams.get("record") ?? undefined)).toEqual(place);
  });

  it("may name the topic too", () => {
    expect(parseId("user-events/2:42")).toEqual({ topic: "user-events", partition: 2, offset: "42" });
    for (const text of [undefined, "", "2:42", "/2:42", "t/2", "t/2:x"]) expect(parseId(text)).toBeNull();
  });

  it("is none where the address is of another form", () => {
    for (const text of [undefined, "", "1", "1:", ":1", "-1:2", "1:x", "1:2:3"])
      expect(parsePlace("t", text)).toBeNull();
  });
});
