/** The formats of schemas, behind one face. */
import { readProblems as readProblemsOfAvro } from "./avro/compatibility.ts";
import { type Names, parseAvro } from "./avro/parse.ts";
import { printAvro } from "./avro/print.ts";
import type { AvroSchema } from "./avro/schema.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { InvalidSchema } from "./invalid-schema.ts";

export const SCHEMA_TYPES = ["AVRO"] as const;

/** A schema that another one refers to. */
export interface Referenced {
  /** What the referring schema calls it: an Avro type's full name, the URI of a `$ref`. */
  readonly name: string;
  readonly text: string;
}

/** `text` is the schema as it is stored and compared. */
export type ParsedSchema = { readonly type: "AVRO"; readonly text: string; readonly schema: AvroSchema };

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
  throw new InvalidSchema("", `expected schemaType ${SCHEMA_TYPES.join(" or ")}, got "${type}": unsupported`);
}

/** Why `reader` cannot read what `writer` wrote; empty: it can. */
export function readProblems(reader: ParsedSchema, writer: ParsedSchema): readonly Incompatibility[] {
  return readProblemsOfAvro(reader.schema, writer.schema);
}
