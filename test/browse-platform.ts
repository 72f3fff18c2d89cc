/** The API over real sockets, and behind it the embedded broker with topics to browse. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompressionTypes, type Message, Partitioners } from "kafkajs";
import { startBroker } from "../infra/embedded/start.ts";
import { createBrowse } from "../runtime/browse.ts";
import { createCluster } from "../runtime/cluster.ts";
import { createKafkaFactory } from "../runtime/kafka.ts";
import { createLogger } from "../runtime/log.ts";
import { FakeView, fakeDeps } from "../ui/fake-view.ts";
import { startServer } from "../ui/server.ts";

/** The time of record 0. */
export const AT = Date.UTC(2026, 0, 1);
const PARTITIONS = 3;

/** Record `i` of a topic: a second after the one before it, in the next partition. */
export const aMessage = (i: number, value: unknown = { i }): Message => ({
  key: `k${i}`,
  partition: i % PARTITIONS,
  timestamp: String(AT + 1_000 * i),
  value: JSON.stringify(value),
  headers: { source: "test" },
});
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

export interface Page {
  readonly messages: readonly {
    readonly offset: string;
    readonly partition: number;
    readonly value: { i: number };
  }[];
  readonly next_page_token: string | null;
  readonly scanned: number;
  readonly detail: string;
}
export const valuesOf = ({ messages }: Page): number[] => messages.map(({ value }) => value.i);

export interface BrowsePlatform {
  get(path: string, init?: RequestInit): Promise<Response>;
  page(path: string): Promise<Page>;
  createTopic(topic: string): Promise<void>;
  produce(topic: string, messages: Message[], compression?: CompressionTypes): Promise<void>;
  /** Connections that are open, of those made for requests. */
  open(): number;
  stop(): Promise<void>;
}

export async function startBrowsePlatform(): Promise<BrowsePlatform> {
  const dataDir = await mkdtemp(join(tmpdir(), "browse-"));
  const broker = await startBroker({ port: 0, dataDir });
  const brokers = [`127.0.0.1:${broker.port}`];
  const kafka = createKafkaFactory({ brokers, clientId: "test" }, await createLogger("silent"));
  let open = 0;
  const createCounted = () => {
    const cluster = createCluster(kafka("browse"));
    open += 1;
    const disconnect = async () => {
      await cluster.disconnect();
      open -= 1;
    };
    return { ...cluster, disconnect };
  };
  const browse = createBrowse(createCounted, () => performance.now());
  const view = Object.assign(new FakeView(), { browse });
  const server = await startServer({ ...fakeDeps({ view }), port: 0 });
  const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
  return {
    get,
    page: async (path) => (await get(path)).json() as Promise<Page>,
    async createTopic(topic) {
      const admin = kafka("admin").admin();
      await admin.connect();
      const configEntries = [{ name: "retention.ms", value: "-1" }];
      await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, configEntries }] });
      await admin.disconnect();
    },
    async produce(topic, messages, compression = CompressionTypes.None) {
      const producer = kafka("producer").producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      for (let i = 0; i < messages.length; i += 1_000) {
        await producer.send({ topic, messages: messages.slice(i, i + 1_000), compression });
      }
      await producer.disconnect();
    },
    open: () => open,
    async stop() {
      await server.stop();
      browse.stop();
      await broker.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
