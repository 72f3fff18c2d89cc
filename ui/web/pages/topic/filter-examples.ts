/** Examples of filters that fit a topic's own fields. Pure. */
import { type JsonSchema, variantsOf } from "../schemas/fields.ts";

export interface Example {
  readonly expression: string;
  readonly says: string;
}

const ALWAYS: readonly Example[] = [
  { expression: 'key == "user_1042"', says: "by key" },
  { expression: 'timestamp > timestamp("2026-01-01T00:00:00Z")', says: "by time" },
  { expression: "partition == 0 && offset >= 1000", says: "by place" },
  { expression: '"trace" in headers', says: "has a header" },
];

/** Nobody asks how these begin. */
const TIMES_AND_IDS = /(^|_)(id|at|timestamp|start|end)$/;

/** Of the fields of the first shape, one for each kind of field, and then those that fit any topic. */
export function examplesFor(schema: JsonSchema | null): readonly Example[] {
  if (schema === null) return [{ expression: 'value.name == "x"', says: "by a field" }, ...ALWAYS];
  const variants = variantsOf(schema);
  const fields = variants.flatMap((variant) => Object.entries(variant.schema.properties ?? {}));
  const first = (wanted: (field: JsonSchema) => boolean, but?: RegExp) =>
    fields.find(([name, field]) => wanted(field) && !but?.test(name));
  const [choice, choices] = first((field) => field.enum !== undefined && field.enum.length > 1) ?? [];
  const [number] =
    first((field) => field.type === "number") ?? first((field) => field.type === "integer") ?? [];
  const [text] =
    first(
      (field) => field.type === "string" && field.enum === undefined && field.const === undefined,
      TIMES_AND_IDS,
    ) ?? [];
  // A record without a field does not match, but is told of as one that could not be looked at.
  const where = (name: string): string =>
    variants.every(({ schema }) => schema.properties?.[name]) ? "" : `has(value.${name}) && `;
  const { by, name } = variants.at(1) ?? variants[0]!;
  return [
    ...(by === null
      ? []
      : [{ expression: `value.${by} == ${JSON.stringify(name)}`, says: "one kind of record" }]),
    ...(choice && choices?.enum
      ? [
          {
            expression: `${where(choice)}value.${choice} in ${JSON.stringify(choices.enum.slice(0, 2))}`,
            says: "one of several",
          },
        ]
      : []),
    ...(number ? [{ expression: `${where(number)}value.${number} > 10`, says: "a number" }] : []),
    ...(text
      ? [
          {
            expression: `${where(text)}value.${text}.startsWith("a")`,
            says: "a text; also contains, endsWith, matches",
          },
        ]
      : []),
    ...ALWAYS,
  ];
}
