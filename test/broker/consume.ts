import type { Consumer, KafkaMessage } from "kafkajs";

export interface Consumed {
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** Runs a consumer that is subscribed and resolves with the first `count` records that it is handed. */
export async function consume(consumer: Consumer, count: number): Promise<Consumed[]> {
  const consumed: Consumed[] = [];
  return new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ partition, message }) => {
          consumed.push({ partition, message });
          if (consumed.length === count) resolve(consumed);
        },
      })
      .catch(reject);
  });
}

/** A member's partitions by topic, kept up to date. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/** Watches members of a group; `until` resolves when their assignments, in order, are as wanted. */
export function watchAssignments(...consumers: readonly Consumer[]) {
  const current: (Assignment | undefined)[] = consumers.map(() => undefined);
  let changed = () => {};
  for (const [i, consumer] of consumers.entries()) {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      current[i] = payload.memberAssignment;
      changed();
    });
  }
  return {
    until(wanted: (assignments: readonly (Assignment | undefined)[]) => boolean): Promise<void> {
      return new Promise((resolve) => {
        changed = () => wanted(current) && resolve();
        changed();
      });
    },
  };
}
