/** What settings are made of: each field reads the text of a flag or variable, and says what it expected. */
import { z } from "zod";
import { REDACTED } from "./capture/redact.ts";
import { Secret } from "./secret.ts";

/** A TCP port; 0 means any free one. */
export const port = () =>
  z.string().transform((text, ctx): number => {
    const n = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (n >= 0 && n <= 65_535) return n;
    ctx.addIssue({ code: "custom", message: `expected a port, 0–65535, got "${text}"` });
    return z.NEVER;
  });

/** Text with something in it; `what` names it in the error. */
export const text = (what: string) => z.string().min(1, `expected ${what}, got nothing`);

export const yesOrNo = () => oneOf(["true", "false"]).transform((answer) => answer === "true");

/** As errors repeat it: without what is before an "@", which may be the password of a URL that was pasted. */
export const withoutUser = (given: string): string => given.replace(/^.*@/s, `${REDACTED}@`);

/** One of the given words. */
export const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, { error: (i) => `expected ${listed(words)}, got "${i.input}"` });

const listed = (words: readonly string[]): string =>
  words.length === 2 ? words.join(" or ") : `one of ${words.join(", ")}`;

/**
 * A secret, or null. `loadConfig` reads it from its variable or from the file that `<KEY>_FILE` names; it is never a
 * flag.
 */
export const secret = (description: string) =>
  z
    .string()
    .transform((value) => new Secret(value))
    .nullable()
    .default(null)
    .meta({ description, secret: true });

/** Whether a field was made by `secret()`. */
export const isSecret = (field: z.ZodType): boolean => field.meta()?.secret === true;

/** Whether a field reads text, be it with a default, null or a transformation beside. */
export function isText(field: z.core.$ZodType): boolean {
  const { def } = field._zod as z.core.$ZodTypes["_zod"];
  if (def.type === "string") return true;
  if (def.type === "pipe") return isText(def.in);
  return "innerType" in def && isText(def.innerType);
}
