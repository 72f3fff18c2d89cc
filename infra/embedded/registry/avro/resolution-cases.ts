/** What Avro's specification says of readers and writers, as a table for tests. */
export const record = (...fields: object[]) => ({ type: "record", name: "R", fields });
export const f = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const fixed = (size: number, name = "F") => ({ type: "fixed", name, size });
const enumOf = (symbols: string[], more: object = {}) => ({ type: "enum", name: "E", symbols, ...more });
const decimal = (precision: number, scale: number) => ({
  type: "bytes",
  logicalType: "decimal",
  precision,
  scale,
});
const list = (more: object[] = []) => record(f("next", ["null", "R"]), ...more);

/** A record of the same unqualified name in that namespace. */
const other = (namespace: string, ...fields: object[]) => ({ ...record(...fields), namespace });

/** reader, writer: by the schema resolution of the Avro specification. */
export const READABLE: [string, unknown, unknown][] = [
  ["int as long", "long", "int"],
  ["int as float", "float", "int"],
  ["int as double", "double", "int"],
  ["long as float", "float", "long"],
  ["long as double", "double", "long"],
  ["float as double", "double", "float"],
  ["string as bytes", "bytes", "string"],
  ["bytes as string", "string", "bytes"],
  ["items that are promoted", { type: "array", items: "long" }, { type: "array", items: "int" }],
  ["values that are promoted", { type: "map", values: "double" }, { type: "map", values: "float" }],
  ["a field that the reader does not have", record(), record(f("a", "int"))],
  ["a missing field that has a default", record(f("a", "int", { default: 1 })), record()],
  [
    "fields in another order",
    record(f("a", "int"), f("b", "string")),
    record(f("b", "string"), f("a", "int")),
  ],
  ["a field by the reader's alias", record(f("b", "int", { aliases: ["a"] })), record(f("a", "int"))],
  ["a record by the reader's alias", { ...record(), name: "S", aliases: ["R"] }, record()],
  ["a record of the same unqualified name", { ...record(), namespace: "x" }, { ...record(), namespace: "y" }],
  ["more symbols", enumOf(["A", "B"]), enumOf(["A"])],
  ["fewer symbols with a default", enumOf(["A"], { default: "A" }), enumOf(["A", "B"])],
  ["a fixed of the same name and size", fixed(4), fixed(4)],
  ["a value as a branch of a union", ["null", "string"], "string"],
  ["a value as a promoted branch", ["null", "long"], "int"],
  ["a union whose branches all fit", "double", ["int", "long", "float"]],
  ["a union as a wider one", ["null", "int", "string"], ["int", "null"]],
  ["a union's branch by its full name", [other("a", f("x", "int")), other("b")], other("b")],
  [
    "a default for a field that the writer has by its alias only",
    record(f("b", "int", { aliases: ["c"], default: 1 })),
    record(f("a", "int")),
  ],
  [
    "the field of the same name before that of an alias",
    record(f("b", "int", { aliases: ["a"] })),
    record(f("a", "string"), f("b", "int")),
  ],
  [
    "a writer's union in a reader's array",
    { type: "array", items: ["null", "long"] },
    { type: "array", items: ["int", "null"] },
  ],
  ["a recursive record with a new default", list([f("x", "int", { default: 0 })]), list()],
  ["a logical type as its underlying type", "long", { type: "long", logicalType: "timestamp-millis" }],
  ["the same decimal", decimal(8, 2), decimal(8, 2)],
];
export const UNREADABLE: [string, unknown, unknown, string][] = [
  ["long as int", "int", "long", "TYPE_MISMATCH"],
  ["double as float", "float", "double", "TYPE_MISMATCH"],
  ["float as long", "long", "float", "TYPE_MISMATCH"],
  ["int as string", "string", "int", "TYPE_MISMATCH"],
  ["boolean as int", "int", "boolean", "TYPE_MISMATCH"],
  ["null as string", "string", "null", "TYPE_MISMATCH"],
  ["an array as a map", { type: "map", values: "int" }, { type: "array", items: "int" }, "TYPE_MISMATCH"],
  [
    "items that are narrower",
    { type: "array", items: "int" },
    { type: "array", items: "long" },
    "TYPE_MISMATCH",
  ],
  [
    "a missing field without a default",
    record(f("a", "int")),
    record(),
    "READER_FIELD_MISSING_DEFAULT_VALUE",
  ],
  ["a renamed field", record(f("b", "int")), record(f("a", "int")), "READER_FIELD_MISSING_DEFAULT_VALUE"],
  ["a record of another name", { ...record(), name: "S" }, record(), "NAME_MISMATCH"],
  ["fewer symbols", enumOf(["A"]), enumOf(["A", "B"]), "MISSING_ENUM_SYMBOLS"],
  ["an enum of another name", { ...enumOf(["A"]), name: "G" }, enumOf(["A"]), "NAME_MISMATCH"],
  ["a fixed of another size", fixed(4), fixed(8), "FIXED_SIZE_MISMATCH"],
  ["a fixed of another name", fixed(4, "G"), fixed(4), "NAME_MISMATCH"],
  ["a fixed as bytes", "bytes", fixed(4), "TYPE_MISMATCH"],
  ["a union with a branch that does not fit", "int", ["int", "string"], "TYPE_MISMATCH"],
  ["a branch that is gone", ["null", "int"], ["null", "string"], "MISSING_UNION_BRANCH"],
  [
    "a union whose first branch of that name does not fit",
    [other("a", f("x", "int")), other("b")],
    other("c"),
    "READER_FIELD_MISSING_DEFAULT_VALUE",
  ],
  ["a nullable value as one that is not", "int", ["null", "int"], "TYPE_MISMATCH"],
  ["bytes as fixed", fixed(4), "bytes", "TYPE_MISMATCH"],
  ["an enum as string", "string", enumOf(["A"]), "TYPE_MISMATCH"],
  ["long as float's integer", "long", "double", "TYPE_MISMATCH"],
  [
    "a field of another type behind an alias",
    record(f("b", "int", { aliases: ["a"] })),
    record(f("a", "string")),
    "TYPE_MISMATCH",
  ],
  [
    "a recursive record with a new field",
    list([f("x", "int")]),
    list(),
    "READER_FIELD_MISSING_DEFAULT_VALUE",
  ],
  ["a decimal of another scale", decimal(8, 2), decimal(8, 3), "TYPE_MISMATCH"],
];
