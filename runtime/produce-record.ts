/** Writes one record by hand, with a producer of its own: it is told at once whether Kafka took it. */
import kafkajs, { type Producer } from "kafkajs";
import type { ProduceRequest, ProduceResult } from "./admin-view.ts";
import { checkValue } from "./check-input.ts";
import type { Topic } from "./define.ts";
import { describeError, isRefusal, type KafkaFactory } from "./kafka.ts";
import { type SerdeOf, tryEncode } from "./serde.ts";

export interface RecordWriter {
  produce(request: ProduceRequest): Promise<ProduceResult>;
  stop(): Promise<void>;
}

export function createRecordWriter(
  kafka: KafkaFactory,
  topics: readonly Topic[],
  now: () => number,
  serdeOf: SerdeOf,
): RecordWriter {
  const defined = new Map(topics.map((topic) => [topic.name, topic]));
  let producer: Promise<Producer> | null = null;

  const connect = (): Promise<Producer> => {
    producer ??= (async () => {
      const created = kafka("produce").producer({
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner, // the Java client's: murmur2 of the key
        allowAutoTopicCreation: false,
        metadataMaxAge: 30_000,
        retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
      });
      await created.connect();
      return created;
    })();
    return producer;
  };
  const stop = async (): Promise<void> => {
    const old = producer;
    producer = null;
    await (await old?.catch(() => null))?.disconnect(); // one that never connected needs no closing
  };

  /** JSON goes as it was written: encoding it anew would change its numbers. */
  const encode = async (topic: string, value: unknown, valueText: string | null) => {
    const serde = serdeOf(topic);
    if (serde.name === "json") return { value: valueText };
    await serde.ready();
    const encoded = tryEncode(serde, value);
    return "reason" in encoded ? encoded : { value: encoded.bytes };
  };

  return {
    stop,
    async produce(request) {
      const { topic, valueText, headers, partition, timestamp = now() } = request;
      const definition = defined.get(topic);
      const value: unknown = valueText === null ? null : JSON.parse(valueText);
      if (definition && request.validate) {
        const checked = checkValue(definition, value);
        if ("reason" in checked) return { kind: "refused", reason: `value: ${checked.reason}` };
      }
      const encoded = await encode(topic, value, valueText);
      if ("reason" in encoded) return { kind: "refused", reason: `value: ${encoded.reason}` };
      const message = {
        key: request.key === undefined ? keyOf(definition, value) : request.key,
        value: encoded.value,
        headers: { ...headers },
        timestamp: String(timestamp),
        ...(partition !== undefined && { partition }),
      };
      const acks = definition?.acks === "leader" ? 1 : -1;
      try {
        const [written] = await (await connect()).send({ topic, acks, messages: [message] });
        return { kind: "written", topic, partition: written!.partition, offset: written!.baseOffset! };
      } catch (error) {
        if (isRefusal(error)) return { kind: "refused", reason: describeError(error) };
        await stop(); // kafkajs can hold on to a dead connection: the next record gets a new client
        throw error;
      }
    },
  };
}

/** As `emit()` does it. */
export function keyOf(definition: Topic | undefined, value: unknown): string | null {
  if (!definition || definition.key === null || typeof value !== "object" || value === null) return null;
  const field = Object.hasOwn(value, definition.key)
    ? (value as Record<string, unknown>)[definition.key]
    : null;
  return field === null || field === undefined ? null : String(field);
}
