/**
 * What a Kafka broker does, as its clients see it: one suite, run on the embedded broker and on Apache Kafka, so that
 * neither our broker nor our idea of Kafka can drift unseen.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { createBrokerUnderTest, type Lacks } from "./broker/broker-under-test.ts";
import { connectionBehaviours } from "./broker/connections.ts";
import { fetchBehaviours } from "./broker/fetch.ts";
import { groupBehaviours } from "./broker/groups.ts";
import { membershipBehaviours } from "./broker/membership.ts";
import { offsetBehaviours } from "./broker/offsets.ts";
import { produceBehaviours } from "./broker/produce.ts";
import { topicBehaviours } from "./broker/topics.ts";
import { transactionBehaviours } from "./broker/transactions.ts";

export interface StartedBroker {
  /** `host:port` */
  readonly brokers: string;
  stop(): Promise<void>;
}

/**
 * Declares the suite for one kind of broker. Each run uses topic and group names of its own, and expects that topics
 * are not created by being named and that a new group does not wait for more members.
 */
export function brokerSuite(name: string, start: () => Promise<StartedBroker>, lacks: Lacks = {}): void {
  describe(name, () => {
    let started: StartedBroker | undefined;
    beforeAll(async () => {
      started = await start();
    });
    afterAll(() => started?.stop());

    const broker = createBrokerUnderTest(() => {
      if (!started) throw new Error("Expected a started broker, got none: beforeAll has not run");
      return started.brokers;
    }, lacks);
    connectionBehaviours(broker);
    topicBehaviours(broker);
    produceBehaviours(broker);
    fetchBehaviours(broker);
    offsetBehaviours(broker);
    groupBehaviours(broker);
    membershipBehaviours(broker);
    transactionBehaviours(broker);
  });
}
