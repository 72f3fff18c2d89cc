/** A connection of kafkajs to the leader of `_schemas`, below what it offers publicly. */
import type { Kafka } from "kafkajs";

export interface LeaderBroker {
  listOffsets(request: unknown): Promise<{ responses: { partitions: { offset: string }[] }[] }>;
  fetch(request: unknown): Promise<{ responses: { partitions: unknown[] }[] }>;
}

interface InternalCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(where: { nodeId: string }): Promise<LeaderBroker>;
}

export interface LeaderConnection {
  /** Connects when first used, and anew after a failure. */
  use<T>(job: (broker: LeaderBroker) => Promise<T>): Promise<T>;
  disconnect(): Promise<void>;
}

export function connectLeader(kafka: Kafka, topic: string): LeaderConnection {
  let connected: Promise<InternalCluster> | null = null;
  const connect = async (): Promise<InternalCluster> => {
    const cluster = createInternalCluster(kafka);
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    return cluster;
  };
  const disconnect = async (): Promise<void> => {
    const old = connected;
    connected = null;
    await (await old?.catch(() => null))?.disconnect(); // one that never came to be needs no closing
  };
  return {
    disconnect,
    async use(job) {
      try {
        connected ??= connect();
        const cluster = await connected;
        const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0]));
        if (nodeId === undefined) throw new Error(`${topic} has no leader at the moment`);
        return await job(await cluster.findBroker({ nodeId }));
      } catch (error) {
        await disconnect();
        throw error;
      }
    },
  };
}

function createInternalCluster(kafka: Kafka): InternalCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === "private:Kafka:createCluster",
  );
  if (!symbol) throw new Error("kafkajs has changed inside: expected version 2.2.4");
  const create = (kafka as unknown as Record<symbol, (options: object) => InternalCluster>)[symbol]!;
  return create({ metadataMaxAge: 30_000, allowAutoTopicCreation: false, isolationLevel: 0 });
}
