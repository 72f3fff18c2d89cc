/** Sound requests of every API and version that the broker serves: what fuzzing starts from. */
import { apis } from "../../infra/embedded/broker/api-registry.ts";
import { describeGroups } from "../../infra/embedded/broker/apis/15-describe-groups.ts";
import type { Api } from "../../infra/embedded/broker/define-api.ts";
import { encodeBatch } from "../../infra/embedded/wire/record-batch.ts";
import { ZERO_UUID } from "../../infra/embedded/wire/schema.ts";
import { Writer } from "../../infra/embedded/wire/writer.ts";

export const FUZZED_TOPIC = "fuzzed";
/** Each takes one byte of a flexible request, and a hundred times that as a value. */
const EMPTY_ELEMENTS = 10_000;

export interface Seed {
  readonly key: number;
  /** With its length in front. */
  readonly frame: Buffer;
  /** Where a record batch begins in the frame; −1: there is none. */
  readonly batchAt: number;
}

const partition = {
  index: 0,
  currentLeaderEpoch: -1,
  fetchOffset: 0,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  maxBytes: 10_000,
  timestamp: -1,
  offset: 1,
  leaderEpoch: 0,
  metadata: "m",
};
const topic = { name: FUZZED_TOPIC, topicId: ZERO_UUID, partitions: [partition] };
const member = { groupId: "g", memberId: "", generationId: -1, groupInstanceId: null };

const transaction = { transactionalId: "tx", producerId: 0, producerEpoch: 0 };

function batch(): Buffer {
  const headers = [{ key: "h", value: Buffer.from("v") }];
  const record = { timestamp: Date.now(), key: Buffer.from("k"), value: Buffer.from("value"), headers };
  return encodeBatch({ baseOffset: 0, records: [record, record] });
}

/** By API key; what a request leaves out has its default. */
const SAMPLES: Readonly<Record<number, () => object>> = {
  0: () => ({
    acks: -1,
    timeoutMs: 1000,
    topics: [{ name: FUZZED_TOPIC, partitions: [{ index: 0, records: batch() }] }],
  }),
  1: () => ({ replicaId: -1, maxWaitMs: 1, minBytes: 1, maxBytes: 10_000, topics: [topic] }),
  2: () => ({ replicaId: -1, topics: [topic] }),
  3: () => ({ topics: [{ name: FUZZED_TOPIC, topicId: ZERO_UUID }] }),
  8: () => ({ ...member, topics: [topic] }),
  9: () => {
    const topics = [{ topic: FUZZED_TOPIC, partitions: [0] }];
    return { groupId: "g", topics, groups: [{ groupId: "g", topics }] };
  },
  10: () => ({ key: "g", keyType: 0, coordinatorKeys: ["g"] }),
  11: () => ({
    ...member,
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 1000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: Buffer.from("m") }],
  }),
  12: () => member,
  13: () => ({ ...member, members: [{ memberId: "m", groupInstanceId: null, reason: null }] }),
  14: () => ({ ...member, assignments: [{ memberId: "m", assignment: Buffer.from("a") }] }),
  15: () => ({ groups: ["g"] }),
  21: () => ({ topics: [topic], timeoutMs: 10 }),
  22: () => ({ transactionalId: "tx", transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }),
  23: () => ({ replicaId: -1, topics: [topic] }),
  24: () => ({ ...transaction, topics: [{ name: FUZZED_TOPIC, partitions: [0] }] }),
  25: () => ({ ...transaction, groupId: "g" }),
  26: () => ({ ...transaction, committed: true }),
  28: () => ({ ...transaction, ...member, topics: [topic] }),
  32: () => ({ resources: [{ resourceType: 2, resourceName: FUZZED_TOPIC, configurationKeys: null }] }),
};

function encode(api: Api, version: number, value: object): Buffer {
  const flexible = api.flexibleFrom !== null && version >= api.flexibleFrom;
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(version);
  writer.int16(-1);
  if (flexible) writer.uvarint(0);
  api.request.write(writer, value, version, flexible);
  const frame = Buffer.concat(writer.finish());
  frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}

export function makeSeeds(): Seed[] {
  const sound = [...apis.values()].flatMap((api) => {
    const [min, max] = api.versions;
    const value = { ...api.request.default, ...SAMPLES[api.key]?.() };
    return Array.from({ length: max - min + 1 }, (_, i) => {
      const frame = encode(api, min + i, value);
      const records = value.topics?.[0]?.partitions?.[0]?.records as Buffer | undefined;
      return { key: api.key, frame, batchAt: records ? frame.indexOf(records) : -1 };
    });
  });
  return [...sound, manyEmptyElements()];
}

/** DescribeGroups of groups without a name. */
function manyEmptyElements(): Seed {
  const { key, versions } = describeGroups;
  const groups = new Array<string>(EMPTY_ELEMENTS).fill("");
  return { key, frame: encode(describeGroups, versions[1], { groups }), batchAt: -1 };
}
