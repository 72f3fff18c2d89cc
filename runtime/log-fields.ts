/** The fields that every log line about a record or a batch has, under the same names. */
import type { RawKafkaRecord } from "./codec.ts";
import { traceIdOf } from "./trace-context.ts";

/** Whose line it is. */
export interface Place {
  readonly function: string;
  readonly topic: string;
  readonly partition: number;
}

const traceField = (traceId: string | null): { readonly trace_id?: string } =>
  traceId === null ? {} : { trace_id: traceId };

/** `trace_id` is the record's own, where it has one. */
export const recordFields = (
  { function: name, topic, partition }: Place,
  { offset, headers }: Pick<RawKafkaRecord, "offset" | "headers">,
) => ({ function: name, topic, partition, offset, ...traceField(traceIdOf(headers)) });

/** `trace_id` is that of the batch's span where tracing is on, else that of its only record. */
export const batchFields = (
  { function: name, topic, partition }: Place,
  records: readonly Pick<RawKafkaRecord, "offset" | "headers">[],
  traceId: string | null = records.length === 1 ? traceIdOf(records[0]?.headers) : null,
) => ({
  function: name,
  topic,
  partition,
  first_offset: records[0]?.offset,
  last_offset: records.at(-1)?.offset,
  ...traceField(traceId),
});
