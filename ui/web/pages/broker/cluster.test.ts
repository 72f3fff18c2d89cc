import { describe, expect, it } from "vitest";
import { filterConfig, sizesByTopic } from "./cluster.ts";

describe("the broker page", () => {
  it("adds the sizes of a topic's logs up", () => {
    const log = (topic: string, partition: number, size_bytes: number) => ({
      broker: 0,
      topic,
      partition,
      size_bytes,
    });
    expect(sizesByTopic([log("a", 0, 3), log("b", 0, 1), log("a", 1, 4)])).toEqual([
      { topic: "a", logs: 2, bytes: 7, largestBytes: 4 },
      { topic: "b", logs: 1, bytes: 1, largestBytes: 1 },
    ]);
  });

  it("finds settings by name and value, and does not search a hidden value", () => {
    const config = [
      { name: "log.dirs", value: "/var/kafka", is_default: false },
      { name: "ssl.key", value: "kafka", is_default: false, is_sensitive: true },
      { name: "broker.id", value: null, is_default: true },
    ];
    expect(filterConfig(config, " KAFKA ").map(({ name }) => name)).toEqual(["log.dirs"]);
    expect(filterConfig(config, "")).toHaveLength(3);
  });
});
