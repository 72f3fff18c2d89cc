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

/** Of the fields of the first shape, one for each kind of field, and then those that fit any topic. */
export function examplesFor(schema: JsonSchema | null): readonly Example[] {
  if (schema === null) return [{ expression: 'value.name == "x"', says: "by a field" }, ...ALWAYS];
  const variants = variantsOf(schema);
  const fields = variants.flatMap((variant) => Object.entries(variant.schema.properties ?? {}));
  const first = (wanted: (field: JsonSchema) => boolean) => fields.find(([, field]) => wanted(field));
  const [choice, choices] = first((field) => field.enum !== undefined && field.enum.length > 1) ?? [];
  const [number] =
    first((field) => field.type === "number") ?? first((field) => field.type === "integer") ?? [];
  const [text] =
    first((field) => field.type === "string" && field.enum === undefined && field.const === undefined) ?? [];
  const { by, name } = variants.at(1) ?? variants[0]!;
  return [
    ...(by === null
      ? []
      : [{ expression: `value.${by} == ${JSON.stringify(name)}`, says: "one kind of record" }]),
    ...(choice && choices?.enum
      ? [
          {
            expression: `value.${choice} in ${JSON.stringify(choices.enum.slice(0, 2))}`,
            says: "one of several",
          },
        ]
      : []),
    ...(number
      ? [{ expression: `has(value.${number}) && value.${number} > 10`, says: "a number, where it is there" }]
      : []),
    ...(text
      ? [{ expression: `value.${text}.startsWith("a")`, says: "a text; also contains, endsWith, matches" }]
      : []),
    ...ALWAYS,
  ];
}
