/** kafkajs's own cluster and brokers, below what it offers publicly. Its version is pinned for it. */
import type { Kafka } from "kafkajs";

export interface InternalBroker {
  listOffsets(request: unknown): Promise<{
    responses: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }>;
  fetch(request: unknown): Promise<{ responses: { topicName: string; partitions: PartitionData[] }[] }>;
  offsetCommit(request: unknown): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{
    responses: { topic: string; partitions: { partition: number; offset: string }[] }[];
  }>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
  /** What the broker serves, by API key. */
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number } | undefined>>;
  readonly connectionPool: { send(exchange: unknown): Promise<unknown> };
}

export interface PartitionData {
  partition: number;
  highWatermark: string;
}

export interface InternalCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(where: { nodeId: number | string }): Promise<InternalBroker>;
  findGroupCoordinator(which: { groupId: string }): Promise<InternalBroker>;
  brokerPool: {
    metadata: {
      clusterId?: string | null;
      controllerId: number;
      brokers: { nodeId: number; host: string; port: number; rack?: string | null }[];
      topicMetadata: {
        topic: string;
        partitionMetadata: { partitionId: number; leader: number; replicas: number[]; isr: number[] }[];
      }[];
    };
  };
}

/** A connected cluster on demand. */
export interface ClusterConnection {
  /** Connects at the first call; after a failure the next call connects anew. */
  use<T>(job: (cluster: InternalCluster) => Promise<T>): Promise<T>;
  disconnect(): Promise<void>;
}

export function connectCluster(kafka: Kafka): ClusterConnection {
  let connected: Promise<InternalCluster> | null = null;

  const discard = async (old: Promise<InternalCluster> | null): Promise<void> => {
    if (connected === old) connected = null;
    await (await old?.catch(() => null))?.disconnect(); // a connection that never came to be needs no closing
  };
  return {
    disconnect: () => discard(connected),
    async use(job) {
      connected ??= (async () => {
        const cluster = createInternalCluster(kafka);
        await cluster.connect();
        await cluster.refreshMetadata();
        return cluster;
      })();
      const own = connected;
      try {
        return await job(await own);
      } catch (error) {
        await discard(own); // another job may be on a newer one by now
        throw error;
      }
    },
  };
}

function createInternalCluster(kafka: Kafka): InternalCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    (s) => s.description === "private:Kafka:createCluster",
  );
  if (!symbol)
    throw new Error("kafkajs has changed inside: expected version 2.2.4, whose Kafka object makes clusters");
  const create = (kafka as unknown as Record<symbol, (options: object) => InternalCluster>)[symbol]!;
  return create({ metadataMaxAge: 30_000, allowAutoTopicCreation: false, isolationLevel: 1 });
}
