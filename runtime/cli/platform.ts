/** A running platform, over HTTP. */

import { toCapturedInvocation } from "../capture/format.ts";
import { splitLines } from "../capture/lines.ts";
import { printable } from "../capture/render.ts";
import { isLoopback } from "../loopback.ts";
import type { CapturedInvocation } from "../view.ts";
import { CliError, UsageError } from "./errors.ts";
import type { Cli } from "./program.ts";

/** An answer that is no success; `status` is HTTP's. */
class PlatformError extends CliError {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Certificates of a CA that is not known. */
const UNTRUSTED = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

export interface Platform {
  readonly url: string;
  get(path: string): Promise<unknown>;
  /** The invocations of a function from now on, until `signal` aborts or the platform ends the stream. */
  follow(
    name: string,
    signal: AbortSignal,
    /** Told when the platform left invocations out, because they were read too slowly. */
    onDropped: (count: number) => void,
  ): AsyncGenerator<CapturedInvocation, void>;
}

export const isNotFound = (error: unknown): boolean => error instanceof PlatformError && error.status === 404;

/** `given` is what the user said; null for the platform of this machine. Throws UsageError for what is no HTTP URL. */
export function createPlatform({ deps, out }: Cli, given: string | null): Platform {
  const url = (given ?? deps.platformUrl()).replace(/\/+$/, "");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`--url: expected an http:// or https:// URL, got "${url}"`);
  }
  const token = deps.token();
  const { protocol, hostname } = new URL(url);
  if (token !== null && protocol === "http:" && !isLoopback(hostname)) {
    out.note(`ksp: HTTP_TOKEN goes to ${hostname} by plain http, for everyone on the way to read`);
  }
  const request = async (path: string, accept: string, signal?: AbortSignal): Promise<Response> => {
    let response: Response;
    try {
      response = await deps.fetch(url + path, {
        headers: { accept, ...(token !== null && { authorization: `Bearer ${token}` }) },
        // The platform redirects nobody, and its token is for nobody else.
        redirect: "manual",
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const cause = causeOf(error);
      throw new CliError(
        UNTRUSTED.has(cause)
          ? `the certificate at ${url} is not trusted (${cause}): name its CA's file in NODE_EXTRA_CA_CERTS`
          : `no platform answers at ${url} (${cause}): start one with "ksp start", or name it with --url`,
      );
    }
    if (!response.ok) throw new PlatformError(await describe(response, path), response.status);
    return response;
  };
  return {
    url,
    async get(path) {
      const response = await request(path, "application/json");
      return response.json().catch(() => {
        throw new CliError(`expected JSON from ${url}${path}, got something else: is it the platform?`);
      });
    },
    async *follow(name, signal, onDropped) {
      const path = `/api/functions/${encodeURIComponent(name)}/invocations?follow=true`;
      const response = await request(path, "application/x-ndjson", signal);
      if (!response.body) return;
      for await (const { bytes, complete } of splitLines(response.body)) {
        // An empty line keeps the connection alive; a line that breaks off is the platform's end.
        if (bytes.length === 0 || !complete) continue;
        const value = parseLine(bytes);
        if (typeof value.dropped === "number") onDropped(value.dropped);
        else yield toCapturedInvocation(value);
      }
    },
  };
}

function parseLine(bytes: Buffer): Record<string, unknown> {
  const text = bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new CliError(
    `expected an invocation as JSON from the platform, got "${printable(text.slice(0, 80))}"`,
  );
}

/** fetch() hides the reason in `cause`, for "localhost" in a list of one for each address. */
function causeOf(error: unknown): string {
  const { cause } = error as Error;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return printable(((inner ?? error) as NodeJS.ErrnoException).code ?? (error as Error).message);
}

async function describe(response: Response, path: string): Promise<string> {
  const problem = (await response.json().catch(() => null)) as { title?: string; detail?: string } | null;
  if (response.status === 401) {
    return printable(`${path} answers 401: expected the platform's token in HTTP_TOKEN or HTTP_TOKEN_FILE`);
  }
  const detail = problem?.detail ?? problem?.title ?? response.statusText;
  return printable(`${path} answers ${response.status}: ${detail}`);
}
