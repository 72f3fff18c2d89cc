/** Lists and maps in Avro. */
import type { z } from "zod";
import { EncodeError, type Form, requireObject, setOwn, type UnionForm, under } from "./avro-form.ts";

export function listForm(zod: z.core.$ZodType, item: Form | UnionForm): Form {
  return {
    schema: { type: "array", items: item.schema },
    branch: "array",
    bucket: "array",
    zod,
    toAvro(value) {
      if (!Array.isArray(value)) throw new EncodeError(`expected a list, got ${typeof value}`);
      const written: unknown[] = [];
      try {
        for (const one of value) written.push(item.toAvro(one));
      } catch (error) {
        throw under(String(written.length), error);
      }
      return written;
    },
    fromAvro: (value) => (value as unknown[]).map(item.fromAvro),
  };
}

export function mapForm(zod: z.core.$ZodType, entry: Form | UnionForm): Form {
  return {
    schema: { type: "map", values: entry.schema },
    branch: "map",
    bucket: "object",
    zod,
    toAvro(given) {
      const value = requireObject(given);
      const written: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        if (value[key] === undefined) continue;
        if (key === "__proto__" || /\p{Surrogate}/u.test(key))
          throw new EncodeError(`expected another key, got ${JSON.stringify(key)}`);
        try {
          written[key] = entry.toAvro(value[key]);
        } catch (error) {
          throw under(key, error);
        }
      }
      return written;
    },
    fromAvro(given) {
      const value: Record<string, unknown> = {};
      const read = given as Record<string, unknown>;
      for (const key of Object.keys(read)) setOwn(value, key, entry.fromAvro(read[key]));
      return value;
    },
  };
}
