/** A Kafka for tests of one group member: it assigns, delivers, and takes commits, all by hand. */
import { EventEmitter } from "node:events";
import type { ConsumerRunConfig, Kafka } from "kafkajs";
import type { RawKafkaRecord } from "./codec.ts";
import { settleAll } from "./testing.ts";

export interface TestMember {
  factory(name: string): Kafka;
  /** Consumers that were made. */
  readonly consumers: number;
  /** What the group has committed. */
  readonly committed: Map<number, bigint>;
  /** All commits, as `partition:offset`. */
  readonly commits: string[];
  /** While set, commits are rejected with it. */
  commitTrouble: Error | null;
  /** While set, leaving the group for another waits for it. */
  leaving: Promise<void> | null;
  /** Resolves when it was asked to take a member out for the first time. */
  readonly asked: Promise<void>;
  readonly left: string[];
  join(partitions: readonly number[]): Promise<void>;
  deliver(partition: number, records: readonly RawKafkaRecord[]): Promise<void>;
  crash(reason: string): void;
}

const EVENTS = {
  CRASH: "crash",
  FETCH: "fetch",
  HEARTBEAT: "heartbeat",
  REBALANCING: "rebalancing",
  COMMIT_OFFSETS: "commit",
  GROUP_JOIN: "join",
  REQUEST: "request",
};

export function createTestMember(topic: string): TestMember {
  let emitter = new EventEmitter();
  let config: ConsumerRunConfig = {};
  let consumers = 0;
  let tellAsked = (): void => {};
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  const createConsumer = () => {
    consumers += 1;
    const own = new EventEmitter();
    emitter = own;
    return {
      events: EVENTS,
      on: (event: string, listener: (event: { payload: unknown }) => void) => own.on(event, listener),
      async connect() {},
      async subscribe() {},
      async run(given: ConsumerRunConfig) {
        config = given;
      },
      async disconnect() {},
      pause() {},
      resume() {},
      async commitOffsets(offsets: { partition: number; offset: string }[]) {
        if (member.commitTrouble) throw member.commitTrouble;
        for (const { partition, offset } of offsets) {
          member.committed.set(partition, BigInt(offset));
          member.commits.push(`${partition}:${offset}`);
        }
        own.emit("commit", { payload: {} });
      },
    };
  };
  const coordinator = {
    async offsetFetch({ topics }: { topics: { partitions: { partition: number }[] }[] }) {
      const partitions = topics[0]!.partitions.map(({ partition }) => ({
        partition,
        offset: String(member.committed.get(partition) ?? -1n),
      }));
      return { responses: [{ topic, partitions }] };
    },
    async leaveGroup({ memberId }: { memberId: string }) {
      tellAsked();
      await member.leaving;
      member.left.push(memberId);
    },
  };
  const cluster = {
    async connect() {},
    async disconnect() {},
    async refreshMetadata() {},
    findGroupCoordinator: async () => coordinator,
  };
  const member: TestMember = {
    factory: () =>
      ({
        consumer: createConsumer,
        [Symbol("private:Kafka:createCluster")]: () => cluster,
      }) as unknown as Kafka,
    get consumers() {
      return consumers;
    },
    committed: new Map(),
    commits: [],
    commitTrouble: null,
    leaving: null,
    asked,
    left: [],
    async join(partitions) {
      await settleAll(); // until there is a consumer
      const payload = { memberId: `member-${consumers}`, memberAssignment: { [topic]: partitions } };
      emitter.emit("request", { payload: { apiName: "JoinGroup" } });
      emitter.emit("join", { payload });
      await settleAll();
    },
    async deliver(partition, messages) {
      const last = messages.at(-1)!.offset;
      const batch = {
        topic,
        partition,
        messages,
        highWatermark: String(BigInt(last) + 1n),
        lastOffset: () => last,
      };
      await config.eachBatch!({ batch, resolveOffset() {} } as never);
      for (let turn = 0; turn < 10; turn++) await settleAll(); // a slice gives way in between
    },
    crash: (reason) => void emitter.emit("crash", { payload: { error: new Error(reason) } }),
  };
  return member;
}
