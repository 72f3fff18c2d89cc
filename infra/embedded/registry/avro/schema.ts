/** An Avro schema, parsed: names are full, references to named types are the types themselves. */

export const PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] as const;
export type PrimitiveKind = (typeof PRIMITIVES)[number];

/** Attributes that Avro gives no meaning to, logical types among them: kept as they came. */
export type Props = Readonly<Record<string, unknown>>;

export interface PrimitiveSchema {
  readonly kind: PrimitiveKind;
  readonly props: Props;
}

interface Named {
  readonly name: string;
  /** Empty: none. */
  readonly namespace: string;
  readonly fullName: string;
  /** Full names. */
  readonly aliases: readonly string[];
  readonly doc: string | null;
  readonly props: Props;
}

export interface Field {
  readonly name: string;
  readonly type: AvroSchema;
  readonly aliases: readonly string[];
  readonly doc: string | null;
  readonly order: string | null;
  /** Undefined: none. */
  readonly default: unknown;
  readonly props: Props;
}

export interface RecordSchema extends Named {
  readonly kind: "record";
  readonly isError: boolean;
  readonly fields: readonly Field[];
}

export interface EnumSchema extends Named {
  readonly kind: "enum";
  readonly symbols: readonly string[];
  readonly default: string | null;
}

export interface FixedSchema extends Named {
  readonly kind: "fixed";
  readonly size: number;
}

export interface ArraySchema {
  readonly kind: "array";
  readonly items: AvroSchema;
  readonly props: Props;
}

export interface MapSchema {
  readonly kind: "map";
  readonly values: AvroSchema;
  readonly props: Props;
}

export interface UnionSchema {
  readonly kind: "union";
  readonly branches: readonly AvroSchema[];
}

export type NamedSchema = RecordSchema | EnumSchema | FixedSchema;
export type AvroSchema = PrimitiveSchema | NamedSchema | ArraySchema | MapSchema | UnionSchema;

export const isNamed = (schema: AvroSchema): schema is NamedSchema => "fullName" in schema;
