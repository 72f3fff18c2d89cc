import { describe, expect, it } from "vitest";
import { type BrokerConfig, toBrokerConfig } from "./config.ts";

describe("the broker's settings", () => {
  it("have their defaults where nothing is given", () => {
    expect(toBrokerConfig({ numPartitions: 3 })).toMatchObject({ numPartitions: 3, logFlush: "os" });
  });

  it.each([
    [{ numPartitions: 0 }, "numPartitions: expected a whole number 1–9007199254740991, got 0"],
    [{ groupMaxSize: 1.5 }, "groupMaxSize: expected a whole number 1–9007199254740991, got 1.5"],
    [{ maxConnections: "9" }, 'maxConnections: expected a whole number 1–9007199254740991, got "9"'],
    [
      { logFlushIntervalMs: 2 ** 31 },
      "logFlushIntervalMs: expected a whole number 1–2147483647, got 2147483648",
    ],
    [
      { stalledConnectionMs: 2 ** 31 },
      "stalledConnectionMs: expected a whole number 1–2147483647, got 2147483648",
    ],
    [{ logFlush: "often" }, 'logFlush: expected one of os, interval, always, got "often"'],
    [{ autoCreateTopicsEnable: "yes" }, 'autoCreateTopicsEnable: expected true or false, got "yes"'],
    [{ logFlsuh: "os" }, 'logFlsuh: expected no such setting, got "os"'],
  ])("refuse %j by name", (given, message) => {
    expect(() => toBrokerConfig(given as Partial<BrokerConfig>)).toThrow(
      `Bad configuration of the embedded broker: ${message}`,
    );
  });
});
