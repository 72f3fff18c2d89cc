import { describe, expect, it } from "vitest";
import { consumer, orders, producer, totals } from "./capture/fixtures.ts";
import { createTopology } from "./topic-role.ts";

const topology = createTopology([orders, totals], [producer, consumer]);

describe("a topic's role", () => {
  it.each([
    ["orders", "input"],
    ["totals", "derived"],
    ["orders.dlq", "dlq"],
    ["strange.dlq", "other"],
    ["constructor", "other"],
  ])("of %s is %s", (topic, role) => {
    expect(topology.role(topic)).toBe(role);
  });

  it("stands beside who writes and who reads it", () => {
    expect(topology.producers("orders")).toEqual(["order-producer"]);
    expect(topology.consumers("orders")).toEqual([{ function: "total-consumer", group: "totals-group" }]);
    expect(topology.producers("totals")).toEqual(["total-consumer"]);
    expect(topology.consumers("totals")).toEqual([]);
  });
});
