/** What the tests of Avro share: a registry in memory, and values of any definition. */
import fc from "fast-check";
import { z } from "zod";
import { type Registry, RegistryError } from "./registry-client.ts";

/** Takes any schema; ids count from 1. What it is asked for fails with `trouble` while that is set. */
export function createFakeRegistry(): Registry & { trouble: Error | null; readonly asked: string[] } {
  const bySubject = new Map<string, string[]>();
  const byId: string[] = [];
  const idOf = (schema: string): number => {
    if (!byId.includes(schema)) byId.push(schema);
    return byId.indexOf(schema) + 1;
  };
  const versionOf = (subject: string, schema: string | undefined) => {
    const at = schema === undefined ? -1 : (bySubject.get(subject)?.indexOf(schema) ?? -1);
    return at < 0 ? null : { subject, version: at + 1, id: idOf(schema!), schema: schema! };
  };
  const answer = async <T>(what: string, value: () => T): Promise<T> => {
    fake.asked.push(what);
    if (fake.trouble) throw fake.trouble;
    return value();
  };
  const fake = {
    url: "http://fake",
    trouble: null as Error | null,
    asked: [] as string[],
    schema: (id: number) =>
      answer(`schema ${id}`, () => (byId[id - 1] === undefined ? null : { schema: byId[id - 1]! })),
    versionsOf: (id: number) =>
      answer(`versions of ${id}`, () =>
        [...bySubject].flatMap(
          ([subject, all]) =>
            versionOf(
              subject,
              all.find((one) => idOf(one) === id),
            ) ?? [],
        ),
      ),
    subjects: () => answer("subjects", () => [...bySubject.keys()]),
    versions: (subject: string) => answer(subject, () => (bySubject.get(subject) ?? []).map((_, i) => i + 1)),
    version: (subject: string, version: number | "latest") =>
      answer(subject, () =>
        versionOf(subject, bySubject.get(subject)?.at(version === "latest" ? -1 : version - 1)),
      ),
    lookup: (subject: string, schema: string) =>
      answer(`lookup ${subject}`, () => versionOf(subject, schema)),
    register: (subject: string, schema: string) =>
      answer(`register ${subject}`, () => {
        const all = bySubject.get(subject) ?? [];
        bySubject.set(subject, all);
        if (schema.includes("refused")) throw new RegistryError("incompatible", 409, 409);
        if (!all.includes(schema)) all.push(schema);
        return idOf(schema);
      }),
    check: async () => null,
    compatibility: async () => "BACKWARD",
  };
  return fake;
}

const TIMES = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) });

/** Any JSON value that a definition takes; absent and null fields, unknown fields and every option included. */
export function anyValueOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object": {
      const required: string[] = [];
      const fields: Record<string, fc.Arbitrary<unknown>> = {};
      for (const [name, field] of Object.entries(def.shape)) {
        fields[name] = anyValueOf(field);
        if (field._zod.optin !== "optional") required.push(name);
      }
      const known = fc.record(fields, { requiredKeys: required, noNullPrototype: true });
      if (def.catchall?._zod.def.type !== "unknown") return known;
      const unknown = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 2, noNullPrototype: true });
      return fc
        .tuple(fc.option(unknown, { nil: {}, freq: 2 }), known)
        .map(([more, one]) =>
          JSON.parse(JSON.stringify({ ...without(more, Object.keys(fields)), ...(one as object) })),
        );
    }
    case "array":
      return fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constant([]),
        fc.array(
          fc.constant(null).chain(() => anyValueOf(def.element)),
          { maxLength: 2 },
        ),
      );
    case "record":
      return fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        anyValueOf(def.valueType),
        { maxKeys: 3, noNullPrototype: true },
      );
    case "union":
      return fc.oneof(...def.options.map(anyValueOf));
    case "enum":
      return fc.constantFrom(...Object.values(def.entries));
    case "literal":
      return fc.constantFrom(...def.values);
    case "optional":
    case "readonly":
      return anyValueOf(def.innerType);
    case "nullable":
      return fc.option(anyValueOf(def.innerType));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "number": {
      const { isInt, minValue, maxValue } = schema as z.ZodNumber;
      // From where avsc is exact on.
      const least = isInt ? -(2 ** 52) : -Number.MAX_VALUE;
      const most = isInt ? 2 ** 53 - 2 : Number.MAX_VALUE;
      const [min, max] = [Math.max(least, minValue ?? least), Math.min(most, maxValue ?? most)];
      if (isInt) return fc.integer({ min, max }).map((n) => n + 0);
      return fc.double({ min, max, noNaN: true, noDefaultInfinity: true }).map((n) => n + 0);
    }
    case "string":
      return fc
        .oneof(
          TIMES.map((date) => date.toISOString()),
          fc.string({ unit: "grapheme", minLength: 1 }),
          fc.string({ unit: "binary" }),
        )
        .filter((text) => z.safeParse(schema, text).success);
    default:
      throw new Error(`no values are known for z.${def.type}`);
  }
}

const without = (value: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name) && name !== "__proto__"));
