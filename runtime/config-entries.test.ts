import { describe, expect, it } from "vitest";
import { toBrokerConfig, toTopicConfig } from "./config-entries.ts";

const entry = (configName: string, configValue: string, configSource: number, isSensitive = false) => ({
  configName,
  configValue,
  configSource: configSource as never,
  isDefault: configSource === 5,
  isSensitive,
  readOnly: false,
  configSynonyms: [],
});

describe("configuration entries", () => {
  it("come by name, and a topic's default is what is not set on the topic itself", () => {
    const entries = [
      entry("retention.ms", "1", 1),
      entry("cleanup.policy", "delete", 5),
      entry("max.message.bytes", "2", 4),
    ];
    expect(toTopicConfig(entries).map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["cleanup.policy", true],
      ["max.message.bytes", true],
      ["retention.ms", false],
    ]);
    expect(toBrokerConfig(entries).map(({ isDefault }) => isDefault)).toEqual([true, false, false]);
  });

  it("tell no secret: not what Kafka calls sensitive, not by name, not in a URL", () => {
    const shown = toBrokerConfig([
      entry("a.keystore", "hunter2", 4, true),
      entry("ssl.key.password", "hunter2", 4),
      entry("upstream.endpoint", "https://me:hunter2@example.com/", 4),
      entry("log.dirs", "/data", 4),
    ]);
    expect(JSON.stringify(shown)).not.toContain("hunter2");
    expect(shown.find(({ name }) => name === "log.dirs")?.value).toBe("/data");
  });
});
