/** Page tokens: where a page ended, for the same request only. Opaque to whoever gets one. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { invalid } from "./browse-refusal.ts";
import type { BrowseRequest } from "./browse-view.ts";

/** Partition → the offset at which the next page begins (or, where pages go back in time, before which it ends). */
export type Positions = ReadonlyMap<number, bigint>;

/** Of the token's own format. */
const VERSION = 1;
const token = z.tuple([
  z.literal(VERSION),
  z.string(),
  z.array(z.tuple([z.int().nonnegative(), z.string().regex(/^\d{1,19}$/)])),
]);

/** Tells requests apart by all that decides which records their pages have. */
function fingerprint(request: BrowseRequest): string {
  const { topic, mode, partitions, offset, timestamp, from, until, q, regex, filter } = request;
  const parts = [topic, mode, partitions, offset, timestamp, from, until, q, regex, filter];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 12);
}

export function toPageToken(request: BrowseRequest, positions: Positions): string {
  const at = [...positions].map(([partition, offset]) => [partition, String(offset)]);
  return Buffer.from(JSON.stringify([VERSION, fingerprint(request), at])).toString("base64url");
}

/** The positions of the request's token; null where it has none. Throws a refusal for one that is not of this request. */
export function readPageToken(request: BrowseRequest): Positions | null {
  if (request.pageToken === null) return null;
  const foreign = invalid(
    "page_token",
    "expected the next_page_token of an answer to the same parameters, got another",
  );
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(request.pageToken, "base64url").toString("utf8"));
  } catch {
    throw foreign; // that it is none of ours is the answer
  }
  const parsed = token.safeParse(given);
  if (!parsed.success || parsed.data[1] !== fingerprint(request)) throw foreign;
  return new Map(parsed.data[2].map(([partition, offset]) => [partition, BigInt(offset)]));
}
