import { setTimeout as delay } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";

const RETRY_MS = 100;

/**
 * Resolves when the broker answers Metadata and lists itself: a KRaft broker listens before it may serve.
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
    return cluster.brokers.length > 0;
  } catch {
    return false; // not yet: the caller asks again until its deadline
  } finally {
    await admin.disconnect();
  }
}
