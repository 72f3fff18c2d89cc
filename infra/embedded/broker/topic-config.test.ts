import { describe, expect, it } from "vitest";
import { ErrorCode } from "./errors.ts";
import { topicConfigKeys, toTopicConfig } from "./topic-config.ts";

describe("a topic's config", () => {
  it("has Kafka's defaults, and the broker's segment size", () => {
    expect(toTopicConfig({}, 1_000_000)).toEqual({
      log: {
        segmentBytes: 1_000_000,
        segmentMs: 604_800_000,
        retentionMs: 604_800_000,
        retentionBytes: -1,
        cleanup: "delete",
        flush: "os",
      },
      maxMessageBytes: 1_048_588,
      logAppendTime: false,
      timestampBeforeMaxMs: 2 ** 63,
      timestampAfterMaxMs: 3_600_000,
      compact: false,
      compaction: {
        minCleanableDirtyRatio: 0.5,
        deleteRetentionMs: 86_400_000,
        minCompactionLagMs: 0,
        maxCompactionLagMs: 2 ** 63,
      },
    });
  });

  it("accepts each default when it is set", () => {
    const defaults = Object.fromEntries(
      Object.entries(topicConfigKeys).map(([key, { default: value }]) => [key, value]),
    );
    expect(toTopicConfig(defaults, 1)).toEqual({ ...toTopicConfig({}, 67_108_864) });
  });

  it("takes compact and delete together, and deletes then", () => {
    const { log, compact } = toTopicConfig({ "cleanup.policy": "compact, delete" }, 1_000_000);
    expect([log.cleanup, compact]).toEqual(["compact,delete", true]);
    expect(toTopicConfig({ "cleanup.policy": "compact" }, 1_000_000).log.cleanup).toBe("compact");
  });

  it("sets when records are synced, or leaves that to the broker", () => {
    const flush = (overrides: Record<string, string>) =>
      toTopicConfig(overrides, 1, { everyMs: 7 }).log.flush;
    expect(flush({})).toEqual({ everyMs: 7 });
    expect(flush({ "flush.messages": "1", "flush.ms": "50" })).toBe("always");
    expect(flush({ "flush.ms": "50" })).toEqual({ everyMs: 50 });
    expect(flush({ "flush.messages": "9223372036854775807" })).toBe("os");
  });

  it.each([
    ["flush.messages", "2", "1 or 9223372036854775807"],
    ["retention.ms", "a week", 'Expected retention.ms to be a whole number of -1 or more, got "a week"'],
    ["retention.ms", "-2", "whole number of -1 or more"],
    ["segment.bytes", "12.5", "whole number from 1024 to 2147483647"],
    ["cleanup.policy", "", "a list of delete, compact"],
    ["cleanup.policy", "delete,shred", "a list of delete, compact"],
    ["message.timestamp.type", "Never", "CreateTime or LogAppendTime"],
    ["min.cleanable.dirty.ratio", "1.5", "a number from 0 to 1"],
    ["unclean.leader.election.enable", "yes", "true or false"],
    ["compression.type", "gzip", "producer"],
    ["min.insync.replicas", "2", "whole number from 1 to 1"],
    ["retention.msec", "1", "Unknown topic config retention.msec"],
    ["__proto__", "1", "Unknown topic config __proto__"],
  ])("refuses %s=%s and says what was expected", (key, value, message) => {
    const overrides = Object.create(null);
    overrides[key] = value;
    expect(() => toTopicConfig(overrides, 1_000_000)).toThrow(
      expect.objectContaining({ code: ErrorCode.INVALID_CONFIG, message: expect.stringContaining(message) }),
    );
  });
});
