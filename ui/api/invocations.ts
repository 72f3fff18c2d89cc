/** What functions did, and one more run of them on request. Invocations keep the names that a capture has. */
import { setMaxListeners } from "node:events";
import { createRoute, z } from "@hono/zod-openapi";
import type { Api, ApiDeps } from "./api.ts";
import { readJson } from "./body.ts";
import { followStream } from "./follow.ts";
import { requireFunction } from "./functions.ts";
import { requestedBy } from "./guard.ts";
import { DEFAULT_LIMIT, limitQuery, nameParams } from "./parameters.ts";
import { Problem, problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

/** Each follower costs its buffer and one more JSON.stringify of every invocation. */
const MAX_FOLLOWERS = 32;

export const invocation = z.looseObject({ id: z.string(), function: z.string() }).openapi("Invocation", {
  description: "All about one call of a function: input, ctx, outcome, logs, metrics",
});

const invocationsRoute = createRoute({
  method: "get",
  path: "/api/functions/{name}/invocations",
  summary: "The last invocations, oldest first; with follow=true those to come, as NDJSON",
  request: {
    params: nameParams,
    query: z.object({
      limit: limitQuery,
      follow: z
        .enum(["true", "false"], { error: (i) => `expected true or false, got ${JSON.stringify(i.input)}` })
        .optional(),
    }),
  },
  responses: {
    200: {
      description:
        'The invocations. Followed: one a line; blank lines keep the connection open; `{"dropped": n}` says ' +
        "that the client read too slowly and n lines were left out",
      content: {
        "application/json": {
          schema: z.object({
            function: z.string(),
            invocations: z.array(invocation),
            count: z.int(),
            timestamp: isoTime,
          }),
        },
        "application/x-ndjson": { schema: invocation },
      },
    },
    ...problems(400, 404, 503),
  },
});

const invokeRoute = createRoute({
  method: "post",
  path: "/api/functions/{name}/invoke",
  summary: "Runs a function on an input. No output is sent, no state is kept",
  request: {
    params: nameParams,
    body: {
      required: true,
      description: "A Tick, a Batch, or an object with one as `input` (an invocation of a capture is one)",
      // A plain schema, not zod's: the body is read by readJson(), which bounds its size and depth first.
      content: { "application/json": { schema: { type: "object" } } },
    },
    headers: requestedBy,
  },
  responses: {
    200: { description: "The recorded result", content: { "application/json": { schema: invocation } } },
    ...problems(400, 403, 404, 413, 415, 422),
  },
});

export function addInvocations(api: Api, { view, commands, metrics, stopping }: ApiDeps): void {
  let followers = 0;
  const captured = { recorded: 0, dropped: 0 };
  metrics.provide("captureRecorded", () => captured.recorded);
  metrics.provide("captureDropped", () => captured.dropped);
  setMaxListeners(MAX_FOLLOWERS + 10, stopping);

  api.openapi(invocationsRoute, (c) => {
    const { name } = requireFunction(view, c.req.valid("param").name);
    const { limit, follow } = c.req.valid("query");
    if (follow !== "true") {
      const invocations = view.invocations(name).slice(-(limit ?? DEFAULT_LIMIT));
      return c.json(
        { function: name, invocations, count: invocations.length, timestamp: isoNow() },
        200,
      ) as never;
    }
    const headers = { "Content-Type": "application/x-ndjson" };
    if (c.req.method === "HEAD") return c.body(null, 200, headers) as never;
    if (followers >= MAX_FOLLOWERS) {
      throw new Problem(503, `Expected at most ${MAX_FOLLOWERS} followers at a time, got one more`, {
        headers: { "Retry-After": "5" },
      });
    }
    followers++;
    const stream = followStream({
      subscribe: (listener) => view.follow(name, listener),
      stopping,
      counts: captured,
      onEnd: () => followers--,
    });
    return c.body(stream, 200, headers) as never;
  });

  api.openapi(invokeRoute, async (c) => {
    const { name } = requireFunction(view, c.req.valid("param").name);
    const result = await commands.invoke(name, toInput(await readJson(c.req.raw)));
    if (result.outcome.kind === "invalid") {
      const { message, records } = result.outcome;
      throw new Problem(422, `input: ${message}`, {
        errors: records.map((r) => ({ offset: r.offset, detail: r.reason })),
      });
    }
    return c.json(result, 200) as never;
  });
}

/** A Tick and a Batch have a `kind`; anything else that has an `input` carries one in it. */
function toInput(body: unknown): unknown {
  const wraps =
    typeof body === "object" && body !== null && !Object.hasOwn(body, "kind") && Object.hasOwn(body, "input");
  return wraps ? (body as { input: unknown }).input : body;
}
