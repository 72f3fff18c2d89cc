import { setTimeout as delay } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";

const RETRY_MS = 100;

/**
 * Resolves when the broker lists itself in Metadata and coordinates groups: it listens long before it may serve.
 * Throws when it exits first or the deadline passes.
 */
export async function untilReady(brokers: string, exited: Promise<void>, deadlineMs: number): Promise<void> {
  const until = performance.now() + deadlineMs;
  const gone = exited.then(() => {
    throw new Error("it exited");
  });
  gone.catch(() => {}); // it may exit long after we have stopped looking
  for (;;) {
    if (await Promise.race([answers(brokers), gone])) return;
    if (performance.now() > until) throw new Error(`no answer within ${deadlineMs / 1000} s`);
    await Promise.race([delay(RETRY_MS), gone]);
  }
}

async function answers(brokers: string): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [brokers],
    clientId: "until-ready",
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) return false;
    await admin.fetchOffsets({ groupId: "until-ready" }); // the first use of a group makes its topic: seconds
    return true;
  } catch {
    return false; // not yet: the caller asks again until its deadline
  } finally {
    await admin.disconnect();
  }
}
