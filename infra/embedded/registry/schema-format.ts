/** The formats of schemas, behind one face. */
import { readProblems as readProblemsOfAvro } from "./avro/compatibility.ts";
import { type Names, parseAvro } from "./avro/parse.ts";
import { printAvro } from "./avro/print.ts";
import type { AvroSchema } from "./avro/schema.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { InvalidSchema } from "./invalid-schema.ts";
import { readProblems as readProblemsOfJson } from "./json-schema/compatibility.ts";
import { type ParsedJsonSchema, parseJsonSchema } from "./json-schema/parse.ts";

export const SCHEMA_TYPES = ["JSON", "AVRO"] as const;

/** A schema that another one refers to. */
export interface Referenced {
  /** What the referring schema calls it: an Avro type's full name, the URI of a `$ref`. */
  readonly name: string;
  readonly text: string;
}

/** `text` is the schema as it is stored and compared. */
export type ParsedSchema =
  | { readonly type: "AVRO"; readonly text: string; readonly schema: AvroSchema }
  | { readonly type: "JSON"; readonly text: string; readonly schema: ParsedJsonSchema };

export interface SchemaSource {
  readonly type: string;
  readonly text: string;
  /** Each after those it needs. */
  readonly references: readonly Referenced[];
}

/** With `normalize`, schemas that differ only in what has no meaning get the same text. Throws InvalidSchema. */
export function parseSchema({ type, text, references }: SchemaSource, normalize: boolean): ParsedSchema {
  if (type === "AVRO") {
    let known: Names = new Map();
    for (const reference of references) known = parseAvro(reference.text, known).names;
    const { schema } = parseAvro(text, known);
    return { type, text: printAvro(schema, { known: known.keys(), sortProps: normalize }), schema };
  }
  if (type === "JSON") {
    const schema = parseJsonSchema(text, references, normalize);
    return { type, text: schema.text, schema };
  }
  throw new InvalidSchema("", `expected schemaType ${SCHEMA_TYPES.join(" or ")}, got "${type}": unsupported`);
}

/** Why `reader` cannot read what `writer` wrote; empty: it can. */
export function readProblems(reader: ParsedSchema, writer: ParsedSchema): readonly Incompatibility[] {
  if (reader.type === "AVRO" && writer.type === "AVRO")
    return readProblemsOfAvro(reader.schema, writer.schema);
  if (reader.type === "JSON" && writer.type === "JSON")
    return readProblemsOfJson(reader.schema, writer.schema);
  const text = `the type (${reader.type} for the reader's schema, ${writer.type} for the writer's) does not match`;
  return [{ type: "SCHEMA_TYPE_MISMATCH", path: "/", text }];
}
