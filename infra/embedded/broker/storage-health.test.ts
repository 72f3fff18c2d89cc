import { describe, expect, it } from "vitest";
import { silentLogger } from "./logger.ts";
import { StorageHealth } from "./storage-health.ts";

function watch() {
  const said: string[] = [];
  let now = 0;
  const note = (_details: object, message: string): void => void said.push(message);
  const health = new StorageHealth({ ...silentLogger, error: note, info: note }, "/data", () => now);
  const fullDisk = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  return { health, said, fullDisk, pass: (ms: number) => (now += ms) };
}

describe("a full disk", () => {
  it("is told once with what to do, and once when there is room again", () => {
    const { health, said, fullDisk, pass } = watch();
    health.succeeded();
    for (let i = 0; i < 3; i++) health.failed(fullDisk);
    pass(5_000);
    health.succeeded();
    health.succeeded();
    expect(said).toEqual([
      "no space left for /data: free some; until then nothing is acknowledged, while reading goes on",
      "/data can be written again",
    ]);
  });

  it("is not over because a small write still fits between failures", () => {
    const { health, said, fullDisk, pass } = watch();
    for (let i = 0; i < 10; i++) {
      health.failed(fullDisk);
      pass(1_000);
      health.succeeded();
    }
    expect(said).toHaveLength(1);
  });
});
