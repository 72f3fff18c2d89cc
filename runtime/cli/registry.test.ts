import { expect, it } from "vitest";
import { runTest } from "./cli-harness.ts";
import type { GivenConfig } from "./deps.ts";

const configFlags = ["EMBEDDED_REGISTRY_PORT", "KAFKA_BROKERS", "LOG_LEVEL", "HTTP_PORT"].map((key) => ({
  key,
  flag: `--${key.toLowerCase().replaceAll("_", "-")}`,
  description: key,
}));

it("ksp registry hands on its settings, and ends with the registry's exit code", async () => {
  const seen: GivenConfig[] = [];
  const startRegistry = async (given: GivenConfig) => {
    seen.push(given);
    return 3;
  };
  const args = ["registry", "--embedded-registry-port", "9081", "--kafka-brokers", "a:1,b:2"];
  const { code, stdout, stderr } = await runTest(args, { configFlags, startRegistry });
  expect([code, stdout, stderr]).toEqual([3, "", ""]);
  expect(seen).toEqual([{ EMBEDDED_REGISTRY_PORT: "9081", KAFKA_BROKERS: "a:1,b:2" }]);
});

it("ksp registry takes no settings that are not its own", async () => {
  const { code, stderr } = await runTest(["registry", "--http-port", "1"], { configFlags });
  expect(code).toBe(2);
  expect(stderr).toContain("unknown option '--http-port'");
});
