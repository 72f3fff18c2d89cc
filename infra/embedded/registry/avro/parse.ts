/** Avro schemas from their JSON, by the specification; what is wrong is told with its place. */
import { InvalidSchema, shown, step } from "../invalid-schema.ts";
import { endlessNumber, inexactInteger, parseJson } from "../json-text.ts";
import { type CheckedDefaults, fieldDefaultProblem } from "./default-value.ts";
import { namespaceOf, qualify, requireAliases, requireFullName, requireName, simpleName } from "./names.ts";
import {
  type AvroSchema,
  type EnumSchema,
  type Field,
  type FixedSchema,
  isNamed,
  type NamedSchema,
  PRIMITIVES,
  type PrimitiveKind,
  type Props,
  type RecordSchema,
} from "./schema.ts";

/** How many types a schema may name, with those of its references: each can be one level deeper than the last. */
const MAX_NAMES = 1_000;

/** Named types by their full name. */
export type Names = ReadonlyMap<string, NamedSchema>;

export interface ParsedAvro {
  readonly schema: AvroSchema;
  /** All that can be named from here on: those handed in, and those defined in this schema. */
  readonly names: Names;
}

type Json = Readonly<Record<string, unknown>>;
interface Scope {
  readonly names: Map<string, NamedSchema>;
  /** Defaults are looked at last: their types may be defined further down. */
  readonly defaults: (() => void)[];
  readonly checked: CheckedDefaults;
}
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `known` are the types that references bring. Throws InvalidSchema. */
export function parseAvro(text: string, known: Names = new Map()): ParsedAvro {
  if (text.trim() === "") throw new InvalidSchema("", "Empty schema");
  const json = parseJson(text);
  const inexact = inexactInteger(text);
  if (inexact !== null) {
    throw new InvalidSchema("", `expected integers within ±(2^53 − 1), got ${inexact}`);
  }
  const endless = endlessNumber(text);
  if (endless !== null) throw new InvalidSchema("", `expected numbers that a double holds, got ${endless}`);
  const scope: Scope = { names: new Map(known), defaults: [], checked: new Map() };
  const schema = parse(json, "", "", scope);
  for (const check of scope.defaults) check();
  return { schema, names: scope.names };
}

function parse(json: unknown, namespace: string, path: string, scope: Scope): AvroSchema {
  if (typeof json === "string") return parseName(json, namespace, path, scope);
  if (Array.isArray(json)) return parseUnion(json, namespace, path, scope);
  if (typeof json !== "object" || json === null) {
    throw new InvalidSchema(path, `expected a schema (a name, an object or a list), got ${shown(json)}`);
  }
  const object = json as Json;
  const { type } = object;
  switch (type) {
    case "record":
    case "error":
      return parseRecord(object, namespace, path, scope);
    case "enum":
      return parseEnum(object, namespace, path, scope);
    case "fixed":
      return parseFixed(object, namespace, path, scope);
    case "array":
      return {
        kind: "array",
        items: parse(required(object, "items", path), namespace, `${path}/items`, scope),
        props: propsOf(object, ["type", "items"]),
      };
    case "map":
      return {
        kind: "map",
        values: parse(required(object, "values", path), namespace, `${path}/values`, scope),
        props: propsOf(object, ["type", "values"]),
      };
  }
  if (typeof type === "string" && isPrimitive(type)) return { kind: type, props: propsOf(object, ["type"]) };
  if (type === undefined) throw new InvalidSchema(path, `expected a "type", got ${shown(json)}`);
  return parse(type, namespace, `${path}/type`, scope);
}

const isPrimitive = (name: string): name is PrimitiveKind => (PRIMITIVES as readonly string[]).includes(name);

function parseName(name: string, namespace: string, path: string, { names }: Scope): AvroSchema {
  if (isPrimitive(name)) return { kind: name, props: {} };
  const found = names.get(qualify(name, namespace)) ?? names.get(name);
  if (found) return found;
  throw new InvalidSchema(path, `expected a type defined before, or brought by a reference, got "${name}"`);
}

function parseUnion(list: readonly unknown[], namespace: string, path: string, scope: Scope): AvroSchema {
  const branches = list.map((branch, i) => parse(branch, namespace, `${path}/${i}`, scope));
  const seen = new Set<string>();
  branches.forEach((branch, i) => {
    if (branch.kind === "union") throw new InvalidSchema(`${path}/${i}`, "expected no union inside a union");
    const identity = isNamed(branch) ? branch.fullName : branch.kind;
    if (seen.has(identity))
      throw new InvalidSchema(`${path}/${i}`, `expected each type once, got ${identity} again`);
    seen.add(identity);
  });
  return { kind: "union", branches };
}

function parseRecord(json: Json, enclosing: string, path: string, scope: Scope): RecordSchema {
  const record: Mutable<RecordSchema> = {
    kind: "record",
    isError: json.type === "error",
    ...parseNaming(json, enclosing, path),
    fields: [],
    props: propsOf(json, [...NAMING, "fields"]),
  };
  define(record, path, scope); // before its fields, which may hold it
  const fields = required(json, "fields", path);
  if (!Array.isArray(fields)) {
    throw new InvalidSchema(`${path}/fields`, `expected a list of fields, got ${shown(fields)}`);
  }
  const seen = new Set<string>();
  record.fields = fields.map((json, i) => {
    const field = parseField(json, record.namespace, `${path}/fields/${i}`, scope);
    if (seen.has(field.name)) {
      throw new InvalidSchema(`${path}/fields/${i}`, `expected each field once, got "${field.name}" again`);
    }
    seen.add(field.name);
    return field;
  });
  return record;
}

function parseField(json: unknown, namespace: string, path: string, scope: Scope): Field {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new InvalidSchema(path, `expected a field, got ${shown(json)}`);
  }
  const object = json as Json;
  const { order } = object;
  if (order !== undefined && !["ascending", "descending", "ignore"].includes(order as string)) {
    throw new InvalidSchema(`${path}/order`, `expected ascending, descending or ignore, got ${shown(order)}`);
  }
  const field: Field = {
    name: requireName(object.name, `${path}/name`),
    type: parse(required(object, "type", path), namespace, `${path}/type`, scope),
    aliases: requireAliases(object.aliases, "", `${path}/aliases`),
    doc: docOf(object),
    order: (order as string | undefined) ?? null,
    default: object.default,
    props: propsOf(object, ["name", "type", "aliases", "doc", "order", "default"]),
  };
  if (field.default !== undefined) {
    scope.defaults.push(() => {
      const problem = fieldDefaultProblem(field, path, scope.checked);
      if (problem) throw new InvalidSchema(problem.path, problem.text);
    });
  }
  return field;
}

function parseEnum(json: Json, enclosing: string, path: string, scope: Scope): EnumSchema {
  const symbols = required(json, "symbols", path);
  if (!Array.isArray(symbols)) {
    throw new InvalidSchema(`${path}/symbols`, `expected a list of names, got ${shown(symbols)}`);
  }
  symbols.forEach((symbol, i) => {
    requireName(symbol, `${path}/symbols/${i}`);
    if (symbols.indexOf(symbol) !== i) {
      throw new InvalidSchema(`${path}/symbols/${i}`, `expected each symbol once, got "${symbol}" again`);
    }
  });
  if (json.default !== undefined && !symbols.includes(json.default)) {
    throw new InvalidSchema(`${path}/default`, `expected one of the symbols, got ${shown(json.default)}`);
  }
  const schema: EnumSchema = {
    kind: "enum",
    ...parseNaming(json, enclosing, path),
    symbols,
    default: (json.default as string | undefined) ?? null,
    props: propsOf(json, [...NAMING, "symbols", "default"]),
  };
  define(schema, path, scope);
  return schema;
}

function parseFixed(json: Json, enclosing: string, path: string, scope: Scope): FixedSchema {
  const { size } = json;
  if (!Number.isSafeInteger(size) || (size as number) < 0 || (size as number) > 2 ** 31 - 1) {
    throw new InvalidSchema(`${path}/size`, `expected a number of bytes, 0–2147483647, got ${shown(size)}`);
  }
  const schema: FixedSchema = {
    kind: "fixed",
    ...parseNaming(json, enclosing, path),
    size: size as number,
    props: propsOf(json, [...NAMING, "size"]),
  };
  define(schema, path, scope);
  return schema;
}

const NAMING = ["type", "name", "namespace", "aliases", "doc"];

function parseNaming(json: Json, enclosing: string, path: string) {
  const name = requireFullName(json.name, `${path}/name`);
  const { namespace: own } = json;
  if (own !== undefined && own !== null && own !== "") requireFullName(own, `${path}/namespace`);
  const fullName = qualify(name, typeof own === "string" ? own : enclosing);
  if (isPrimitive(fullName))
    throw new InvalidSchema(`${path}/name`, `expected no primitive's name, got "${name}"`);
  const namespace = namespaceOf(fullName);
  return {
    name: simpleName(fullName),
    namespace,
    fullName,
    aliases: requireAliases(json.aliases, namespace, `${path}/aliases`),
    doc: docOf(json),
  };
}

function define(schema: NamedSchema, path: string, { names }: Scope): void {
  if (names.has(schema.fullName)) {
    throw new InvalidSchema(path, `expected each name to be defined once, got "${schema.fullName}" again`);
  }
  if (names.size === MAX_NAMES) throw new InvalidSchema(path, `expected at most ${MAX_NAMES} named types`);
  names.set(schema.fullName, schema);
}

const docOf = ({ doc }: Json): string | null => (typeof doc === "string" ? doc : null);

function required(json: Json, member: string, path: string): unknown {
  if (json[member] !== undefined) return json[member];
  throw new InvalidSchema(`${path}${step(member)}`, "expected it to be there, got nothing");
}

function propsOf(json: Json, known: readonly string[]): Props {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !known.includes(name)));
}
