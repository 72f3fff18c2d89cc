import { describe, expect, it } from "vitest";
import { match } from "./match.ts";

const names = ["Page Topics", "Topic user-events", "Topic app-logs", "Function event-producer"];
const find = (query: string) => match(names, query, (name) => name);

describe("finding by a few letters", () => {
  it("gives all of them, as they were, for none", () => expect(find(" ")).toEqual(names));

  it("puts what starts a word first", () => {
    expect(find("event")).toEqual(["Topic user-events", "Function event-producer"]);
    expect(match(["prevent", "event"], "event", String)).toEqual(["event", "prevent"]);
  });

  it("needs every word, in any order", () => expect(find("events topic")).toEqual(["Topic user-events"]));

  it("takes letters in their order for want of better", () => {
    expect(find("usev")).toEqual(["Topic user-events"]);
    expect(find("zz")).toEqual([]);
  });
});
