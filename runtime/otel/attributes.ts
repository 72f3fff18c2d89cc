/** What spans say: OpenTelemetry's semantic conventions for messaging and Kafka; `ksp.…` is what they have no name for. */
import type { Attributes } from "@opentelemetry/api";
import type { RawKafkaRecord } from "../codec.ts";
import { kafkaErrorType } from "../kafka.ts";
import type { OutRecord } from "../lane.ts";
import type { BatchToTrace } from "../tracing.ts";

const SYSTEM = { "messaging.system": "kafka" };

const keyOf = (key: Buffer | string | null): Attributes =>
  key === null ? {} : { "messaging.kafka.message.key": key.toString() };

const tombstoneOf = (value: Buffer | null): Attributes =>
  value === null ? { "messaging.kafka.message.tombstone": true } : {};

export const sendAttributes = (fn: string, clientId: string, out: OutRecord): Attributes => ({
  ...SYSTEM,
  "messaging.operation.name": "send",
  "messaging.operation.type": "send",
  "messaging.destination.name": out.topic,
  "messaging.client.id": clientId,
  "ksp.function": fn,
  ...keyOf(out.key),
  ...tombstoneOf(out.value),
});

export const batchAttributes = (batch: BatchToTrace, clientId: string): Attributes => {
  const { records } = batch;
  const only = records.length === 1 ? records[0] : undefined;
  return {
    ...SYSTEM,
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": batch.topic,
    "messaging.destination.partition.id": String(batch.partition),
    "messaging.consumer.group.name": batch.group,
    "messaging.client.id": clientId,
    "messaging.batch.message_count": records.length,
    "ksp.function": batch.function,
    "ksp.delivery": batch.delivery,
    "ksp.first_offset": Number(records[0]?.offset),
    "ksp.last_offset": Number(records.at(-1)?.offset),
    ...(only && {
      "messaging.kafka.offset": Number(only.offset),
      ...keyOf(only.key),
      ...tombstoneOf(only.value),
    }),
  };
};

export const linkAttributes = ({ offset, key, value }: RawKafkaRecord): Attributes => ({
  "messaging.kafka.offset": Number(offset),
  ...keyOf(key),
  ...tombstoneOf(value),
});

/** Kafka's name of an error, or else the class of it. */
export const errorTypeOf = (error: unknown): string =>
  kafkaErrorType(error) ?? (error instanceof Error ? error.name : "_OTHER");
