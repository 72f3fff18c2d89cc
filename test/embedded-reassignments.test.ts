import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";
import { withAdmin } from "./kafka-client.ts";

it("lets kafkajs move a partition to where it is, to nowhere else, and lists no moves", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "ksp-moves-"));
  const broker = await startBroker({ port: 0, dataDir });
  onTestFinished(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true });
  });
  await withAdmin(`${broker.host}:${broker.port}`, async (admin) => {
    await admin.createTopics({ topics: [{ topic: "t" }] });
    const move = (replicas: number[]) =>
      admin.alterPartitionReassignments({
        topics: [{ topic: "t", partitionAssignment: [{ partition: 0, replicas }] }],
      });
    await move([1]);
    await expect(move([2])).rejects.toThrow();
    const { topics } = await admin.listPartitionReassignments({ topics: [{ topic: "t", partitions: [0] }] });
    expect(topics).toEqual([]);
  });
});
