/** Errors as RFC 9457 problems: what a client is told, and what it is not (stack traces, internal messages). */
import { STATUS_CODES } from "node:http";
import { z } from "@hono/zod-openapi";
import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ReadView } from "../../runtime/view.ts";
import type { ApiEnv, ApiLog } from "./api.ts";

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

/** One part of the request that is wrong: which (a parameter, a header, a record's offset) and how. */
export interface ProblemPart {
  readonly detail: string;
  readonly parameter?: string;
  readonly offset?: string;
}

interface ProblemOptions {
  readonly errors?: readonly ProblemPart[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by a route; `detail` is shown to the client and says what was expected and what came. */
export class Problem extends Error {
  readonly status: ProblemStatus;
  readonly options: ProblemOptions;

  constructor(status: ProblemStatus, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.options = options;
  }
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z
      .array(
        z.object({ detail: z.string(), parameter: z.string().optional(), offset: z.string().optional() }),
      )
      .optional(),
    requestId: z.string(),
  })
  .openapi("Problem");

/** The problem responses that a route declares in OpenAPI. */
export function problems<Status extends ProblemStatus>(...statuses: readonly Status[]) {
  const content = { "application/problem+json": { schema: problemSchema } };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: STATUS_CODES[status], content }]),
  ) as Record<Status, { description: string; content: typeof content }>;
}

export function problemResponse(c: Context<ApiEnv>, problem: Problem): Response {
  return c.body(toProblemJson(c, problem), problem.status, {
    ...problem.options.headers,
    "Content-Type": "application/problem+json",
  });
}

/** The problem as JSON text. */
export function toProblemJson(c: Context<ApiEnv>, problem: Problem): string {
  const { status, message: detail, options } = problem;
  return JSON.stringify({
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail,
    instance: c.req.path,
    ...(options.errors && { errors: options.errors }),
    requestId: c.get("requestId"),
  });
}

/** Expected text for what came, short enough for an error message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** What the routes throw, as a response. Anything unforeseen is logged in full under the id that the client gets. */
export function toErrorResponse(view: Pick<ReadView, "ready">, log: ApiLog): ErrorHandler<ApiEnv> {
  return (error, c) => {
    if (error instanceof Problem) return problemResponse(c, error);
    if (error instanceof HTTPException && error.status < 500) {
      return problemResponse(c, new Problem(error.status as ProblemStatus, error.message));
    }
    log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    const kafka = view.ready();
    return problemResponse(
      c,
      kafka.status === "unhealthy"
        ? unavailable(kafka.reason)
        : new Problem(500, "The server failed; its log has the details under this requestId."),
    );
  };
}

/** Kafka does not answer, so what was asked for cannot be known. */
export function unavailable(reason: string | undefined): Problem {
  return new Problem(503, reason ?? "Kafka does not answer.", { headers: { "Retry-After": "2" } });
}

export const routeNotFound: NotFoundHandler<ApiEnv> = (c) =>
  problemResponse(
    c,
    new Problem(404, `Expected a route of /openapi.json, got ${c.req.method} ${shown(c.req.path)}`),
  );
