/** Avro as Confluent's clients write it: a zero byte, the id of the writer's schema in 4 bytes, the Avro value. */
import type { Resolver, Type } from "avsc";
import { AvroBytesError, checkAvroBytes } from "./avro-bytes.ts";
import { EncodeError, type Form, type UnionForm } from "./avro-form.ts";
import { parseAvro } from "./avro-references.ts";
import { toAvroForm } from "./avro-schema.ts";
import type { Decoded } from "./codec.ts";
import type { Topic } from "./define.ts";
import { describeError } from "./kafka.ts";
import type { Registry } from "./registry-client.ts";
import type { SchemaCache } from "./schema-cache.ts";
import type { Serde } from "./serde.ts";

const HEADER_BYTES = 5;
const SCRATCH_BYTES = 64 * 1024;

/** The subject of a topic's values, as Confluent's TopicNameStrategy has it. */
export const subjectOf = (topic: string): string => `${topic}-value`;

/** How values of one writer are read: by its own schema, and resolved to the reader's where that differs. */
type Reader =
  | { readonly writer: Type; readonly resolver: Resolver | undefined }
  | { readonly reason: string };

export interface AvroSerdeOptions {
  readonly topic: Topic;
  readonly registry: Registry;
  readonly schemas: SchemaCache;
  /** Whether a schema that the registry lacks is registered, and not only looked up. */
  readonly autoRegister: boolean;
}

/** Throws NoAvroFormError for a topic whose definition Avro cannot say. */
export function createAvroSerde({ topic, registry, schemas, autoRegister }: AvroSerdeOptions): Serde {
  const form: Form | UnionForm = toAvroForm(topic);
  const text = JSON.stringify(form.schema);
  const type = parseAvro(text);
  const subject = subjectOf(topic.name);
  const readers = new Map<number, Reader>();
  let scratch = Buffer.alloc(SCRATCH_BYTES);
  let ownId: number | null = null;

  const register = async (): Promise<number> => {
    if (autoRegister) return registry.register(subject, text);
    const found = await registry.lookup(subject, text);
    if (found) return found.id;
    throw new Error(
      `expected the schema of ${topic.name} in the registry as ${subject}, got none: register it with ` +
        `"ksp schemas register ${topic.name}", or set AUTO_REGISTER_SCHEMAS=true`,
    );
  };

  const readerOf = (id: number): Reader => {
    const known = readers.get(id);
    if (known) return known;
    // No registry gives out an id below 0, so none is asked for one.
    const schema = id < 0 ? null : schemas.get(id);
    if (!schema) return { reason: `expected the id of a schema that the registry knows, got ${id}` };
    if (schema.type === null) return { reason: `schema ${id}: ${schema.reason}` }; // may be better later
    const made = toReader(type, schema.type, id);
    readers.set(id, made);
    return made;
  };

  /** Into `scratch`, after the header; returns where it ends. */
  const write = (value: unknown): number => {
    try {
      const end = type.encode(value, scratch, HEADER_BYTES);
      if (end >= 0) return end;
      scratch = Buffer.alloc(2 * (scratch.length - end)); // it was too short by so much
      return type.encode(value, scratch, HEADER_BYTES);
    } catch (error) {
      throw new EncodeError(describeError(error));
    }
  };

  return {
    name: "avro",
    prepare(values) {
      const missing = new Set<number>();
      for (const value of values) {
        const id = idOf(value);
        if (id !== null && id >= 0 && schemas.isMissing(id, subject)) missing.add(id);
      }
      return missing.size === 0 ? null : schemas.fetch(missing, subject);
    },
    decode(bytes): Decoded {
      if (bytes === null) return { value: null };
      const id = idOf(bytes);
      if (id === null)
        return { reason: `expected Avro after a zero byte and a schema id, got ${describe(bytes)}` };
      const reader = readerOf(id);
      if ("reason" in reader) return reader;
      try {
        checkAvroBytes(reader.writer, bytes, HEADER_BYTES);
        return { value: form.fromAvro(type.decode(bytes, HEADER_BYTES, reader.resolver).value) };
      } catch (error) {
        const why = error instanceof AvroBytesError ? error.message : describeError(error);
        return { reason: `expected Avro of schema ${id}: ${why}` };
      }
    },
    async ready() {
      ownId ??= await register();
    },
    encode(value) {
      if (value === null) return null;
      if (ownId === null) throw new EncodeError("expected a registered schema, got none yet");
      const end = write(form.toAvro(value));
      scratch[0] = 0;
      scratch.writeInt32BE(ownId, 1);
      return Buffer.from(scratch.subarray(0, end));
    },
    schemaOf(bytes) {
      const id = idOf(bytes);
      return id === null ? null : { id, version: schemas.versionOf(id, subject) };
    },
  };
}

function toReader(type: Type, writer: Type, id: number): Reader {
  try {
    // Without a resolver it is faster, and it gives the same.
    const isSame = JSON.stringify(writer.schema()) === JSON.stringify(type.schema());
    return { writer, resolver: isSame ? undefined : type.createResolver(writer, { ignoreNamespaces: true }) };
  } catch (error) {
    return {
      reason: `expected a schema that resolves to the topic's own, got ${id}: ${describeError(error)}`,
    };
  }
}

function idOf(bytes: Buffer | null): number | null {
  return bytes !== null && bytes.length >= HEADER_BYTES && bytes[0] === 0 ? bytes.readInt32BE(1) : null;
}

const describe = (bytes: Buffer): string =>
  bytes.length < HEADER_BYTES ? `${bytes.length} bytes` : `the first byte ${bytes[0]}`;
