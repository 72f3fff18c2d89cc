/** Administration of topics, groups and functions for the API, put together. */
import type { ConfigEntries, ResourceConfigQuery } from "kafkajs";
import type { AdminPort } from "./admin-client.ts";
import type { AdminApi, BrokersView } from "./admin-view.ts";
import { toAsyncApi } from "./async-api.ts";
import { createCluster } from "./cluster.ts";
import { brokerResource, toBrokerConfig, topicResource, toTopicConfig } from "./config-entries.ts";
import type { Topic } from "./define.ts";
import { connectCluster } from "./internal-cluster.ts";
import type { LoadedFunction } from "./invoke.ts";
import { describeError, type KafkaFactory } from "./kafka.ts";
import { createKept, type Kept } from "./kept.ts";
import type { Logger } from "./log.ts";
import type { Observer } from "./observer.ts";
import { createRecordWriter } from "./produce-record.ts";
import { readRecord } from "./read-record.ts";
import type { Registry } from "./registry-client.ts";
import { runReplay } from "./replay-request.ts";
import { resetOffsets } from "./reset-offsets.ts";
import { createSchemasView } from "./schemas-view.ts";
import type { SerdeOf } from "./serde.ts";
import { readTopicFacts, type TopicFacts } from "./topic-facts.ts";
import { createTopology, type Topology } from "./topic-role.ts";
import { toTopicSchema } from "./topic-schema.ts";

export interface AdministrationOptions {
  readonly kafka: KafkaFactory;
  readonly admin: AdminPort;
  readonly observer: Observer;
  readonly topics: readonly Topic[];
  /** All that there are, whether they run here or not. */
  readonly functions: readonly LoadedFunction[];
  /** Of this project. */
  readonly version: string;
  /** Where Kafka is, `host:port` each. */
  readonly brokers: readonly string[];
  now(): number;
  readonly serdeOf: SerdeOf;
  /** The schema registry in use, if any. */
  readonly registry: Registry | null;
  readonly log: Logger;
}

export interface Administration {
  readonly api: AdminApi;
  readonly topology: Topology;
  readonly facts: Kept<TopicFacts>;
  stop(): Promise<void>;
}

const MAX_AGE_MS = 5_000;

/** Connects to nothing before it is asked for something. */
export function createAdministration(options: AdministrationOptions): Administration {
  const { kafka, admin, observer, topics, functions, now, serdeOf, log } = options;
  const connection = connectCluster(kafka("administration"));
  const reader = createCluster(kafka("record-reader"));
  const writer = createRecordWriter(kafka, topics, now, serdeOf);
  const topology = createTopology(topics, functions);
  const kept = <T>(ask: () => Promise<T>): Kept<T> =>
    createKept({ ask, now, maxAgeMs: MAX_AGE_MS, onError: (error) => log.debug(describeError(error)) });

  const facts = kept(async () =>
    readTopicFacts(admin, connection, observer.picture() ?? (await observer.refresh())),
  );

  const describe = async (resource: ResourceConfigQuery): Promise<ConfigEntries[]> => {
    const { resources } = await admin((client) =>
      client.describeConfigs({ includeSynonyms: false, resources: [resource] }),
    );
    return resources[0]?.configEntries ?? [];
  };

  const brokers = kept(async (): Promise<BrokersView> => {
    const known = await connection.use(async (cluster) => {
      await cluster.refreshMetadata();
      return cluster.brokerPool.metadata;
    });
    const sorted = known.brokers.toSorted((a, b) => a.nodeId - b.nodeId);
    const controller = known.controllerId >= 0 ? known.controllerId : null;
    const { logDirs } = await facts.fresh();
    return {
      clusterId: known.clusterId ?? null,
      controllerId: controller,
      brokers: sorted.map(({ nodeId, host, port, rack }) => ({ id: nodeId, host, port, rack: rack || null })),
      config: toBrokerConfig(await describe(brokerResource(controller ?? sorted[0]!.nodeId))),
      logDirs: logDirs.entries,
      logDirsTrouble: logDirs.trouble,
    };
  });

  const api: AdminApi = {
    schemas: options.registry ? createSchemasView(options.registry) : null,
    async topicDetail(name) {
      return {
        config: toTopicConfig(await describe(topicResource(name))),
        producers: topology.producers(name),
        consumers: topology.consumers(name),
      };
    },
    topicSchema(name) {
      const topic = topics.find((one) => one.name === name);
      return topic ? toTopicSchema(topic, functions) : { jsonSchema: null, sample: null };
    },
    brokers: () => brokers.fresh(),
    asyncApi: () => toAsyncApi(options),
    produce: (request) => writer.produce(request),
    resetOffsets: (request) => resetOffsets(admin, connection, request),
    async replay(name, request, recent) {
      const fn = functions.find((one) => one.name === name);
      if (!fn) return { kind: "not_found", reason: `Expected a function of this project, got "${name}"` };
      return runReplay(fn, request, {
        recent,
        serdeOf,
        readRecord: (topic, partition, offset) => readRecord(reader, topic, partition, offset),
      });
    },
  };
  return {
    api,
    topology,
    facts,
    async stop() {
      await Promise.all([writer.stop(), connection.disconnect(), reader.disconnect()]);
    },
  };
}
