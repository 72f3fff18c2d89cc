/**
 * A schema's own text: attributes in a fixed order, no white space, each named type written out at its first mention,
 * as Apache Avro's Java library prints it (and so Confluent's registry). Docs, defaults, aliases and other attributes
 * stay, unlike in the Parsing Canonical Form: two schemas are one only if they mean the same to their readers, too.
 */
import { withSortedMembers } from "../json-text.ts";
import { namespaceOf } from "./names.ts";
import { type AvroSchema, type Field, isNamed, type NamedSchema, type Props } from "./schema.ts";

export interface PrintOptions {
  /** Full names that are known from references: written by name only. */
  readonly known: Iterable<string>;
  /** Whether attributes that Avro gives no meaning to are put in the order of their names. */
  readonly sortProps: boolean;
}

export function printAvro(schema: AvroSchema, { known, sortProps }: PrintOptions): string {
  const written = new Set(known);
  const props = (given: Props): Props => (sortProps ? (withSortedMembers(given) as Props) : given);

  const toJson = (schema: AvroSchema, namespace: string): unknown => {
    if (isNamed(schema)) return named(schema, namespace);
    switch (schema.kind) {
      case "union":
        return schema.branches.map((branch) => toJson(branch, namespace));
      case "array":
        return { type: "array", items: toJson(schema.items, namespace), ...props(schema.props) };
      case "map":
        return { type: "map", values: toJson(schema.values, namespace), ...props(schema.props) };
      default:
        if (Object.keys(schema.props).length === 0) return schema.kind;
        return { type: schema.kind, ...props(schema.props) };
    }
  };

  const named = (schema: NamedSchema, namespace: string): unknown => {
    const isHere = schema.namespace === namespace;
    if (written.has(schema.fullName)) return isHere ? schema.name : schema.fullName;
    written.add(schema.fullName);
    const head = {
      name: schema.name,
      ...(!isHere && { namespace: schema.namespace }),
      ...(schema.doc !== null && { doc: schema.doc }),
    };
    const aliases = schema.aliases.map((alias) => relative(alias, schema.namespace));
    const tail = { ...props(schema.props), ...(aliases.length > 0 && { aliases }) };
    switch (schema.kind) {
      case "record":
        return {
          type: schema.isError ? "error" : "record",
          ...head,
          fields: schema.fields.map((field) => toField(field, schema.namespace)),
          ...tail,
        };
      case "enum":
        return {
          type: "enum",
          ...head,
          symbols: schema.symbols,
          ...(schema.default !== null && { default: schema.default }),
          ...tail,
        };
      case "fixed":
        return { type: "fixed", ...head, size: schema.size, ...tail };
    }
  };

  const toField = (field: Field, namespace: string): unknown => ({
    name: field.name,
    type: toJson(field.type, namespace),
    ...(field.doc !== null && { doc: field.doc }),
    ...(field.default !== undefined && { default: field.default }),
    ...(field.order !== null && field.order !== "ascending" && { order: field.order }),
    ...(field.aliases.length > 0 && { aliases: field.aliases }),
    ...props(field.props),
  });

  return JSON.stringify(toJson(schema, ""));
}

const relative = (fullName: string, namespace: string): string =>
  namespace !== "" && namespaceOf(fullName) === namespace ? fullName.slice(namespace.length + 1) : fullName;
