/** Records for people: what is on the topic in Avro stands as JSON text, beside the bytes that it was. */
import type { RawKafkaRecord } from "./codec.ts";
import { describeError } from "./kafka.ts";
import type { Logger } from "./log.ts";
import type { SchemaRef, SerdeOf } from "./serde.ts";

/** A record whose value is JSON text even if `stored`, what is on the topic, is not. */
export interface ReadableRecord extends RawKafkaRecord {
  readonly stored?: Buffer;
  /** The schema that its value was written with. */
  readonly schema?: SchemaRef;
}

export interface Readable {
  /** Fetches what reading them takes, as far as it can be had at the moment. */
  prepare(topic: string, records: readonly RawKafkaRecord[]): Promise<void>;
  /** What cannot be decoded stays as it is. */
  read(topic: string, record: RawKafkaRecord): ReadableRecord;
}

/** Dead letters keep the bytes of the topic that they come from. */
export function createReadable(serdeOf: SerdeOf, log: Logger): Readable {
  const serdeFor = (topic: string) => serdeOf(topic.replace(/\.dlq$/, ""));
  return {
    async prepare(topic, records) {
      try {
        await serdeFor(topic).prepare(records.map(({ value }) => value));
      } catch (error) {
        log.debug({ topic }, `records are shown as bytes: ${describeError(error)}`);
      }
    },
    read(topic, record) {
      const { value } = record;
      const serde = serdeFor(topic);
      if (serde.name === "json" || value === null) return record;
      const schema = serde.schemaOf(value);
      if (!schema) return record;
      const decoded = serde.decode(value);
      if ("reason" in decoded) return { ...record, schema };
      return { ...record, value: Buffer.from(JSON.stringify(decoded.value)), stored: value, schema };
    },
  };
}

/** For topics that are all JSON. */
export const readAsIs: Readable = { prepare: async () => {}, read: (_topic, record) => record };

/** As it is on the topic. */
export const toStored = (record: ReadableRecord): RawKafkaRecord =>
  record.stored === undefined ? record : { ...record, value: record.stored };
