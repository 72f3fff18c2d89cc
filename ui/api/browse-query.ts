/** The parameters that pages, searches and downloads share, and what becomes of a request that is not served. */
import { z } from "@hono/zod-openapi";
import type { BrowseMode, BrowseRequest, Refusal } from "../../runtime/browse-view.ts";
import type { ReadView } from "../../runtime/view.ts";
import { limitQuery, unknown } from "./parameters.ts";
import { Problem, shown, unavailable } from "./problem.ts";

const MODES = [
  "newest",
  "oldest",
  "from_offset",
  "to_offset",
  "from_timestamp",
  "to_timestamp",
  "range",
] as const satisfies readonly BrowseMode[];

const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => `expected ${what}, got ${shown(issue.input)}`,
});

const text = (what: string, most: number, description: string) =>
  z
    .string(expected(what))
    .min(1, expected(what))
    .max(most, { error: (i) => `expected at most ${most} characters, got ${String(i.input).length}` })
    .optional()
    .openapi({ description });

const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;
const MS = /^\d{1,16}$/;
const LAST_MS = 8.64e15;
const A_TIME = "one time, ISO 8601 with a time zone or ms since 1970";

/** NaN where the text is no time. */
function toMs(given: string): number {
  const ms = MS.test(given) ? Number(given) : ISO.test(given) ? Date.parse(given) : Number.NaN;
  return ms <= LAST_MS ? ms : Number.NaN;
}

const time = (description: string) =>
  z
    .string(expected(A_TIME))
    .refine((given) => !Number.isNaN(toMs(given)), expected(A_TIME))
    .transform(toMs)
    .optional()
    .openapi({ type: "string", description: `${description}: ISO 8601 or ms since 1970` });

const LAST_OFFSET = 2n ** 63n - 1n;
const AN_OFFSET = "one offset from 0 to 2^63−1";

export const isOffset = (given: string): boolean => /^\d{1,19}$/.test(given) && BigInt(given) <= LAST_OFFSET;

const PARTITIONS = "partition numbers with commas, like 0,2";

export const browseQuery = z.object({
  mode: z
    .enum(MODES, expected(`one of ${MODES.join(", ")}`))
    .optional()
    .openapi({ description: "newest, to_offset and to_timestamp go back in time, the others forth" }),
  partitions: z
    .string(expected(PARTITIONS))
    .regex(/^\d{1,9}(?:,\d{1,9})*$/, expected(PARTITIONS))
    .transform((given) => [...new Set(given.split(",").map(Number))])
    .optional()
    .openapi({ type: "string", description: "All when left out", example: "0,2" }),
  offset: z
    .string(expected(AN_OFFSET))
    .refine(isOffset, expected(AN_OFFSET))
    .optional()
    .openapi({ description: "For from_offset and to_offset, in every partition; inclusive" }),
  timestamp: time("For from_timestamp (the first record at or after it) and to_timestamp (inclusive)"),
  from: time("For range, inclusive"),
  until: time("For range, inclusive"),
  limit: limitQuery,
  page_token: text("a page token", 100_000, "The next_page_token of an answer to the same parameters"),
  q: text("text to look for", 1_000, "Text that the key, the value or a header contains, whatever its case"),
  regex: text("a regular expression", 1_000, "RE2 syntax, anywhere in the key, the value or a header"),
  filter: text(
    "a CEL expression",
    4_000,
    "CEL over key, value (decoded), headers, partition, offset, timestamp, topic. A record on which it cannot be " +
      "evaluated does not match",
  ),
});

type Query = z.output<typeof browseQuery>;

/** `absent`: what is taken where the query says nothing. */
export function toRequest(
  topic: string,
  query: Omit<Query, "limit">,
  absent: { mode: BrowseMode; limit: number },
): BrowseRequest {
  return {
    topic,
    mode: query.mode ?? absent.mode,
    partitions: query.partitions ?? null,
    offset: query.offset ?? null,
    timestamp: query.timestamp ?? null,
    from: query.from ?? null,
    until: query.until ?? null,
    limit: absent.limit,
    pageToken: query.page_token ?? null,
    q: query.q ?? null,
    regex: query.regex ?? null,
    filter: query.filter ?? null,
  };
}

/** A refusal as the problem to answer with; any other error as it is. */
export function toBrowseProblem(view: ReadView, topic: string, error: unknown): unknown {
  const refusal = error instanceof Error && "refusal" in error ? (error.refusal as Refusal) : null;
  if (!refusal) return error;
  const { message } = error as Error;
  switch (refusal.kind) {
    case "invalid": {
      const { parameter = "" } = refusal;
      const detail = message.replace(`${parameter}: `, "");
      return new Problem(400, message, { errors: [{ parameter, detail }] });
    }
    case "missing":
      return unknownTopic(view, topic);
    case "busy":
      return new Problem(503, message, { headers: { "Retry-After": "5" } });
    case "unavailable":
      return unavailable(message);
  }
}

export const unknownTopic = (view: ReadView, topic: string): Problem =>
  unknown(
    "topic",
    topic,
    view.topics().map(({ name }) => name),
  );
