/**
 * Whether all that is written with one Avro schema can be read with another, by the specification's schema resolution
 * (https://avro.apache.org/docs/1.12.0/specification/#schema-resolution). What the specification makes an error for some values
 * (a branch of a union, a symbol of an enum) is one here: the schemas alone have to promise it.
 */

import type { Incompatibility } from "../incompatibility.ts";
import { step } from "../invalid-schema.ts";
import { type AvroSchema, type Field, isNamed, type NamedSchema, type RecordSchema } from "./schema.ts";

/** What a reader of the first may find written as. */
const PROMOTED_FROM: Readonly<Record<string, readonly string[]>> = {
  long: ["int"],
  float: ["int", "long"],
  double: ["int", "long", "float"],
  string: ["bytes"],
  bytes: ["string"],
};

type Problems = readonly Incompatibility[];

/** What is known of pairs of a reader's and a writer's type. */
class Pairs {
  readonly #found = new Map<AvroSchema, Map<AvroSchema, Problems>>();
  get(reader: AvroSchema, writer: AvroSchema): Problems | undefined {
    return this.#found.get(reader)?.get(writer);
  }
  set(reader: AvroSchema, writer: AvroSchema, problems: Problems): void {
    const byWriter = this.#found.get(reader) ?? new Map<AvroSchema, Problems>();
    this.#found.set(reader, byWriter.set(writer, problems));
  }
}

/**
 * One pass over all pairs of named types, each compared once. A pair inside itself is taken to be as the pass before
 * found it, at first to be compatible.
 */
interface Pass {
  readonly before: Pairs;
  readonly found: Pairs;
  /** Whether a pair that was taken to be compatible turned out not to be: then the pass tells too little. */
  wrong: boolean;
}

/** All reasons why `reader` cannot read what `writer` wrote; paths are those of the reader's schema. */
export function readProblems(reader: AvroSchema, writer: AvroSchema): Problems {
  let before = new Pairs();
  for (;;) {
    const pass: Pass = { before, found: new Pairs(), wrong: false };
    const problems = compare(reader, writer, "", pass);
    if (!pass.wrong) return problems;
    before = pass.found;
  }
}

function compare(reader: AvroSchema, writer: AvroSchema, path: string, pass: Pass): Problems {
  if (reader.kind === "union" || writer.kind === "union") return compareUnion(reader, writer, path, pass);
  if (reader.kind === "array" && writer.kind === "array") {
    return compare(reader.items, writer.items, `${path}/items`, pass);
  }
  if (reader.kind === "map" && writer.kind === "map") {
    return compare(reader.values, writer.values, `${path}/values`, pass);
  }
  if (isNamed(reader) && isNamed(writer) && reader.kind === writer.kind) {
    return compareNamed(reader, writer, path, pass);
  }
  if (reader.kind === writer.kind) return decimalProblem(reader, writer, path);
  if (PROMOTED_FROM[reader.kind]?.includes(writer.kind)) return [];
  return [
    {
      type: "TYPE_MISMATCH",
      path: path || "/",
      text: `the type (${writer.kind} in the writer's schema, ${reader.kind} in the reader's) does not match`,
    },
  ];
}

function compareUnion(reader: AvroSchema, writer: AvroSchema, path: string, pass: Pass): Problems {
  if (writer.kind === "union") {
    return writer.branches.flatMap((branch) => compare(reader, branch, path, pass));
  }
  if (reader.kind !== "union") return [];
  const { branches } = reader;
  const meant = meantBranch(branches, writer);
  if (meant >= 0) return compare(branches[meant]!, writer, `${path}/${meant}`, pass);
  if (branches.some((branch, i) => compare(branch, writer, `${path}/${i}`, pass).length === 0)) return [];
  return [
    {
      type: "MISSING_UNION_BRANCH",
      path: path || "/",
      text: `the reader's union has no branch for the writer's ${describe(writer)}`,
    },
  ];
}

const describe = (schema: AvroSchema): string => (isNamed(schema) ? schema.fullName : schema.kind);

/**
 * The branch that the specification has resolved: the first that matches. Of several records of one unqualified name, though,
 * the one of the same full name, as Java takes it; or a schema could not read what it wrote. -1: none.
 */
function meantBranch(branches: readonly AvroSchema[], writer: AvroSchema): number {
  const same = branches.findIndex(
    (branch) => isNamed(branch) && isNamed(writer) && branch.fullName === writer.fullName,
  );
  return same >= 0 ? same : branches.findIndex((branch) => shallowMatch(branch, writer));
}

function shallowMatch(reader: AvroSchema, writer: AvroSchema): boolean {
  if (reader.kind !== writer.kind) return false;
  if (reader.kind === "fixed" && writer.kind === "fixed" && reader.size !== writer.size) return false;
  return !isNamed(reader) || !isNamed(writer) || hasNameOf(reader, writer);
}

/** By unqualified name, as the specification has it, or by one of the reader's aliases. */
const hasNameOf = (reader: NamedSchema, writer: NamedSchema): boolean =>
  reader.name === writer.name || reader.aliases.includes(writer.fullName);

function compareNamed(reader: NamedSchema, writer: NamedSchema, path: string, pass: Pass): Problems {
  const known = pass.found.get(reader, writer);
  if (known) return known.slice(0, 1); // one is enough: the rest is told where they were found
  const assumed = pass.before.get(reader, writer) ?? [];
  pass.found.set(reader, writer, assumed);
  const problems = namedProblems(reader, writer, path, pass);
  pass.found.set(reader, writer, problems);
  if (assumed.length === 0 && problems.length > 0) pass.wrong = true;
  return problems;
}

function namedProblems(reader: NamedSchema, writer: NamedSchema, path: string, pass: Pass): Problems {
  const problems: Incompatibility[] = [];
  if (!hasNameOf(reader, writer)) {
    problems.push({
      type: "NAME_MISMATCH",
      path: `${path}/name`,
      text: `the name (${writer.fullName} in the writer's schema, ${reader.fullName} in the reader's) does not match, and no alias of the reader's does`,
    });
  }
  if (reader.kind === "fixed" && writer.kind === "fixed") {
    if (reader.size !== writer.size) {
      problems.push({
        type: "FIXED_SIZE_MISMATCH",
        path: `${path}/size`,
        text: `the size (${writer.size} bytes in the writer's schema, ${reader.size} in the reader's) does not match`,
      });
    }
    problems.push(...decimalProblem(reader, writer, path));
  }
  if (reader.kind === "enum" && writer.kind === "enum" && reader.default === null) {
    const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
    if (missing.length > 0) {
      problems.push({
        type: "MISSING_ENUM_SYMBOLS",
        path: `${path}/symbols`,
        text: `the reader's enum has neither the symbols ${missing.join(", ")} nor a default`,
      });
    }
  }
  if (reader.kind === "record" && writer.kind === "record") {
    problems.push(
      ...reader.fields.flatMap((field, i) => compareField(field, writer, `${path}/fields/${i}`, pass)),
    );
  }
  return problems;
}

function compareField(field: Field, writer: RecordSchema, path: string, pass: Pass): Problems {
  const written =
    writer.fields.find(({ name }) => name === field.name) ??
    writer.fields.find(({ name }) => field.aliases.includes(name));
  if (written) return compare(field.type, written.type, `${path}/type`, pass);
  if (field.default !== undefined) return [];
  return [
    {
      type: "READER_FIELD_MISSING_DEFAULT_VALUE",
      path,
      text: `the field '${field.name}' of the reader's schema has no default and is missing in the writer's`,
    },
  ];
}

/** Decimals match if precision and scale do: read with another scale the same bytes are another number. */
function decimalProblem(reader: AvroSchema, writer: AvroSchema, path: string): Problems {
  const [mine, theirs] = [decimalOf(reader), decimalOf(writer)];
  if (!mine || !theirs || mine === theirs) return [];
  return [
    {
      type: "TYPE_MISMATCH",
      path: path + step("logicalType"),
      text: `the decimal (${theirs} in the writer's schema, ${mine} in the reader's) does not match in precision and scale`,
    },
  ];
}

function decimalOf(schema: AvroSchema): string | null {
  if ((schema.kind !== "bytes" && schema.kind !== "fixed") || schema.props.logicalType !== "decimal")
    return null;
  return `precision ${schema.props.precision}, scale ${schema.props.scale ?? 0}`;
}
