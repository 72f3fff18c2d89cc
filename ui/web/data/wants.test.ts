import { describe, expect, it } from "vitest";
import { resumeFrom, streamUrl } from "./wants.ts";

describe("the stream's address", () => {
  it("merges what is wanted", () => {
    const wants = [
      { topics: ["b", "a"], stats: true },
      { topics: ["a"], invocations: "*" as const },
      { lag: true },
    ];
    expect(streamUrl(wants)).toBe("/api/stream?topics=a%2Cb&invocations=*&stats=1&lag=1");
    expect(streamUrl([...wants, { topics: "*" }])).toContain("topics=*&");
  });

  it("is none where nothing is wanted", () => {
    expect(streamUrl([])).toBeNull();
    expect(streamUrl([{ topics: [] }, { stats: false }])).toBeNull();
  });

  it("resumes the topics that are still wanted, and those that come by themselves", () => {
    const positions = "a/0:42,b.c-d/12:9,a/1:0,alerts/0:3";
    expect(resumeFrom(positions, [{ topics: ["a", "b.c-d"] }], [{ topics: ["a"], alerts: true }])).toBe(
      "a/0:42,a/1:0,alerts/0:3",
    );
    expect(resumeFrom(positions, [{ topics: "*" }], [{ topics: "*" }])).toBe(positions);
    expect(resumeFrom("", [], [{ topics: "*" }])).toBe("");
  });
});
