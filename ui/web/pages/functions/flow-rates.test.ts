import { describe, expect, it } from "vitest";
import type { StatsEvent } from "../../data/types.ts";
import { flowRate, flowWidth } from "./flow-rates.ts";
import { type GraphEdge, layOut } from "./graph-layout.ts";

const { edges } = layOut([
  { name: "p", kind: "producer", topic: null, emits: ["in"] },
  { name: "c", kind: "consumer", topic: "in", emits: ["own", "shared"] },
  { name: "d", kind: "consumer", topic: "in", emits: ["shared"] },
]);
const stats = {
  functions: [
    { name: "p", rate_in: 0, rate_out: 5 },
    { name: "c", rate_in: 4, rate_out: 3 },
    { name: "d", rate_in: 4, rate_out: 1 },
  ],
  topics: [
    { name: "own", rate: 2 },
    { name: "shared", rate: 2 },
  ],
} as unknown as StatsEvent;
const edge = (name: string, topic: string): GraphEdge =>
  edges.find((one) => one.function === name && one.topic === topic)!;
const rate = (name: string, topic: string) => flowRate(edge(name, topic), edges, stats);

describe("the rate along an edge", () => {
  it("is what the function reads, or writes where it writes to one topic only", () => {
    expect([rate("c", "in"), rate("p", "in"), rate("d", "shared")]).toEqual([4, 5, 1]);
  });

  it("is the topic's own where a function writes to several and is alone there", () => {
    expect(rate("c", "own")).toBe(2);
  });

  it("is not known where several write to it, or before the first stats", () => {
    expect(rate("c", "shared")).toBeNull();
    expect(flowRate(edge("p", "in"), edges, null)).toBeNull();
  });

  it("widens the edge with each tenfold, within bounds", () => {
    expect([null, 0, 0.1, 1, 10, 1e9].map(flowWidth)).toEqual([1, 1, 2, 3, 4, 7]);
  });
});
