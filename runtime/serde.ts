/** Between a topic's bytes and plain data. Decoding and encoding are synchronous: what they need is fetched before. */
import { EncodeError } from "./avro-form.ts";
import { type Decoded, decodeValue, encodeValue } from "./codec.ts";

/** The schema that a record was written with. */
export interface SchemaRef {
  readonly id: number;
  /** Of the topic's subject; null where the registry does not tell. */
  readonly version: number | null;
}

/** What a topic's values are written in. */
export interface Serde {
  readonly name: "json" | "avro";
  /** Fetches what decoding these values takes. Rejects when it cannot be had at the moment; null: there is nothing. */
  prepare(values: readonly (Buffer | null)[]): Promise<void> | null;
  /** A null value decodes to null; what is not as expected comes back as a reason. */
  decode(bytes: Buffer | null): Decoded;
  /** Resolves when values can be encoded. Rejects with why they cannot at the moment. */
  ready(): Promise<void>;
  /** Throws EncodeError for a value that would not come back as it is. */
  encode(value: unknown): Buffer | null;
  /** Null for values that carry none. */
  schemaOf(bytes: Buffer): SchemaRef | null;
}

/** The serde of each topic by its name. */
export type SerdeOf = (topic: string) => Serde;

export const jsonSerde: Serde = {
  name: "json",
  prepare: () => null,
  decode: decodeValue,
  ready: async () => {},
  encode: encodeValue,
  schemaOf: () => null,
};

export const jsonOnly: SerdeOf = () => jsonSerde;

/** The bytes, or why the value has none. */
export function tryEncode(
  serde: Serde,
  value: unknown,
): { readonly bytes: Buffer | null } | { readonly reason: string } {
  try {
    return { bytes: serde.encode(value) };
  } catch (error) {
    if (error instanceof EncodeError) return { reason: error.message };
    throw error;
  }
}
