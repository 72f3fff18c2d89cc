/**
 * The capture file: NDJSON, specified in docs/formats.md. This file holds its grammar as pure functions; reading and
 * writing files is the reader's and the recorder's.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { describeIssues } from "../check-input.ts";
import type { Batch } from "../define.ts";
import type { CapturedInvocation, RawRecord } from "../view.ts";
import { redact } from "./redact.ts";

export const FORMAT = "ksp-capture";
const VERSION = 1;
const TRAILER_FORMAT = "ksp-capture-end";

/** The first line. */
export interface CaptureHeader {
  /** A function's invocations, or a topic's batches without outputs. */
  readonly of: "function" | "topic";
  /** The function's or the topic's name. */
  readonly name: string;
  /** ISO 8601; for people. */
  readonly createdAt: string;
}

/** A batch as read from a topic: no function has run on it. */
export interface CapturedBatch {
  readonly input: Batch;
  readonly raw: readonly RawRecord[];
}

export type CaptureEntry = CapturedInvocation | CapturedBatch;

export const isInvocation = (entry: CaptureEntry): entry is CapturedInvocation => "outcome" in entry;

/** The last line. */
export interface CaptureTrailer {
  /** Entries: lines less header and trailer. */
  readonly count: number;
  /** SHA-256 of all bytes before the trailer, in hex. */
  readonly sha256: string;
}

/** What is wrong with a capture, and where. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

const raw = z.array(
  z.looseObject({
    offset: z.string(),
    key: z.string().nullable(),
    value: z.string().nullable(),
    headers: z.array(z.tuple([z.string(), z.string()])),
  }),
);
const input = z.looseObject({ kind: z.enum(["tick", "batch"]) });
const invocation = z.looseObject({
  id: z.string(),
  function: z.string(),
  codeHash: z.string(),
  trigger: z.string(),
  attempt: z.number(),
  input,
  now: z.number(),
  seed: z.string(),
  config: z.unknown(),
  outcome: z.discriminatedUnion("kind", [
    z.looseObject({ kind: z.literal("ok"), output: z.looseObject({}) }),
    z.looseObject({
      kind: z.literal("error"),
      error: z.looseObject({ name: z.string(), message: z.string() }),
    }),
    z.looseObject({
      kind: z.literal("invalid"),
      message: z.string(),
      records: z.array(z.looseObject({ offset: z.string(), reason: z.string() })),
    }),
  ]),
  logs: z.array(z.looseObject({ level: z.string(), message: z.string() })),
  metrics: z.array(z.looseObject({ name: z.string(), value: z.number().nullable() })),
  durationMs: z.number(),
  raw: raw.optional(),
});
const batchEntry = z.looseObject({ input, raw });
const trailerLine = z.looseObject({ count: z.int(), sha256: z.string() });

/** Checks the envelope of a captured invocation; its input is checked by `invoke`. Throws CaptureError. */
export function toCapturedInvocation(value: unknown): CapturedInvocation {
  const parsed = invocation.safeParse(value);
  if (!parsed.success)
    throw new CaptureError(`expected a captured invocation: ${describeIssues(parsed.error)}`);
  return value as CapturedInvocation;
}

/** Checks an entry of a file with that header. Throws CaptureError. */
export function toEntry(header: CaptureHeader, value: unknown): CaptureEntry {
  if (header.of === "function") return toCapturedInvocation(value);
  const parsed = batchEntry.safeParse(value);
  if (!parsed.success) throw new CaptureError(`expected a captured batch: ${describeIssues(parsed.error)}`);
  return value as CapturedBatch;
}

/** What a function is invoked on: `value` itself, or the `input` of an invocation or of a capture's line. */
export function inputOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && !("kind" in value) && "input" in value
    ? value.input
    : value;
}

// ---------------------------------------------------------------- lines

/** `,"check":"0123456789abcdef"}` */
const CHECK_TAIL = /^,"check":"([0-9a-f]{16})"\}$/;
const CHECK_TAIL_BYTES = 28;

/** A line's check stands on the one before it, so that a line that is edited, moved or missing shows itself. */
function checkOf(body: string | Uint8Array, previous: string): string {
  return createHash("sha256").update(previous).update(body).digest("hex").slice(0, 16);
}

function seal(body: object, previous: string): { text: string; check: string } {
  const json = JSON.stringify(body);
  const check = checkOf(json, previous);
  return { text: `${json.slice(0, -1)},"check":"${check}"}`, check };
}

/** Makes a file's lines, without their newlines, in order: header, entries, trailer. */
export function createCaptureLines(header: CaptureHeader): {
  readonly header: string;
  entry(entry: CaptureEntry): string;
  trailer(): string;
} {
  const { of, name, createdAt } = header;
  const hash = createHash("sha256");
  let count = 0;
  let check = "";
  const next = (body: object): string => {
    const sealed = seal(body, check);
    check = sealed.check;
    hash.update(sealed.text).update("\n");
    return sealed.text;
  };
  return {
    header: next({ format: FORMAT, version: VERSION, of, name, createdAt }),
    entry(entry) {
      count += 1;
      return next("config" in entry ? { ...entry, config: redact(entry.config) } : entry);
    },
    trailer: () => trailerText({ count, sha256: hash.digest("hex") }),
  };
}

/** Verifies a line against the check of the line before it; null where it is not as it was written. */
export function open(line: Buffer, previous: string): { body: unknown; check: string } | null {
  const cut = line.length - CHECK_TAIL_BYTES;
  const check = CHECK_TAIL.exec(line.toString("latin1", Math.max(cut, 0)))?.[1];
  if (check === undefined || cut < 1) return null;
  const body = Buffer.concat([line.subarray(0, cut), Buffer.from("}")]);
  return checkOf(body, previous) === check ? { body: JSON.parse(body.toString("utf8")), check } : null;
}

/** Reads the first line as far as it tells what the file is. Throws CaptureError for another format or version. */
export function parseHeader(line: Buffer): CaptureHeader {
  const header = parseObject(line);
  if (header?.format !== FORMAT) {
    throw new CaptureError(`not a capture file: expected a first line {"format":"${FORMAT}",…}`);
  }
  if (header.version !== VERSION) {
    throw new CaptureError(
      `a capture of version ${JSON.stringify(header.version)}, and this program reads version ${VERSION}: use a newer one`,
    );
  }
  const { of, name, createdAt } = header;
  if ((of !== "function" && of !== "topic") || typeof name !== "string" || typeof createdAt !== "string") {
    throw new CaptureError(`line 1: expected "of" (function or topic), "name" and "createdAt"`);
  }
  return { of, name, createdAt };
}

/** The trailer, or null where the line is none, to the byte. */
export function parseTrailer(line: Buffer): CaptureTrailer | null {
  const parsed = trailerLine.safeParse(parseObject(line));
  if (!parsed.success) return null;
  const { count, sha256 } = parsed.data;
  return line.equals(Buffer.from(trailerText({ count, sha256 }))) ? { count, sha256 } : null;
}

const trailerText = ({ count, sha256 }: CaptureTrailer): string =>
  JSON.stringify({ format: TRAILER_FORMAT, count, sha256 });

function parseObject(line: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // the caller says what was expected
  }
}
