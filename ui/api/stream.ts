/** Everything that happens, as one stream of server-sent events a page. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReadView } from "../../runtime/view.ts";
import { plain } from "../stream/client-ring.ts";
import { toProblemEvent } from "../stream/events.ts";
import { StreamHub, type StreamRequest } from "../stream/hub.ts";
import { parseVector, type Vector } from "../stream/vector.ts";
import type { Api, ApiDeps } from "./api.ts";
import { requireFunction } from "./functions.ts";
import { requireTopic } from "./parameters.ts";
import { Problem, problems, shown } from "./problem.ts";

/** Each costs a socket and a ring of at most 1 MiB. */
export const MAX_STREAMS = 1_000;

const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => `expected ${what}, got ${shown(issue.input)}`,
});

const flag = z
  .enum(["0", "1", "false", "true"], expected("0 or 1"))
  .optional()
  .transform((text) => text === "1" || text === "true")
  .openapi({ type: "string", enum: ["0", "1"] });

const names = (what: string, pattern: RegExp, example: string) =>
  z
    .string()
    .regex(pattern, expected(`* or ${what}, separated by commas`))
    .optional()
    .transform((text) => (text === undefined ? null : text === "*" ? "*" : text.split(",")))
    .openapi({ type: "string", example });

const streamRoute = createRoute({
  method: "get",
  path: "/api/stream",
  summary: "What happens from now on, as server-sent events",
  description: [
    "`message`: a record of one of `topics`, at most 100/s in all; `alert` {topic, message}: a record of a topic whose",
    "definition says that it alerts. The id of both is the offset of the next record of each partition;",
    "`Last-Event-ID` goes on from there, without a gap for up to 1,000 records.",
    "`stats` every second, `lag` every 2 s: the newest at once. `invocation`: a call of a function in short, at most",
    '100/s. `dropped` {event, topic, function, count, reason}: what was left out, by the server for all ("sampled") or',
    'because this client reads too slowly or was away too long ("slow"). `problem`: an RFC 9457 problem; a name that is',
    "unknown while others are known is told so, and followed once it exists. A comment every 15 s keeps the connection",
    "open.",
  ].join(" "),
  request: {
    query: z.object({
      topics: names(
        "names of topics",
        /^(\*|[a-zA-Z0-9._-]{1,249}(,[a-zA-Z0-9._-]{1,249})*)$/,
        "user-events",
      ),
      alerts: flag,
      stats: flag,
      lag: flag,
      invocations: names("names of functions", /^(\*|[^,*]+(,[^,*]+)*)$/, "*"),
      last_event_id: z.string().optional().openapi({
        description: "As the header, for a page that opens its stream anew; the header goes first",
        example: "user-events/0:42,user-events/1:17",
      }),
    }),
    headers: z.object({ "last-event-id": z.string().optional() }),
  },
  responses: {
    200: { description: "The events", content: { "text/event-stream": { schema: z.string() } } },
    ...problems(400, 404, 503),
  },
});

export function addStream(api: Api, { view, metrics, stopping }: ApiDeps): void {
  const hub = new StreamHub(view, stopping);
  metrics.provide("streamClients", () => hub.size);
  api.openapi(streamRoute, (c) => {
    const query = c.req.valid("query");
    const lastEventId = c.req.header("last-event-id") ?? query.last_event_id;
    const request: StreamRequest = {
      ...query,
      resumeFrom: lastEventId === undefined ? null : toVector(lastEventId),
    };
    const unknown = check(view, request);
    const headers = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };
    if (c.req.method === "HEAD") return c.body(null, 200, headers) as never;
    if (hub.size >= MAX_STREAMS) {
      throw new Problem(503, `Expected at most ${MAX_STREAMS} streams at a time, got one more`, {
        headers: { "Retry-After": "5" },
      });
    }
    const client = hub.open(request);
    for (const { status, message } of unknown) client.push(plain(toProblemEvent(status, message)));
    return c.body(client.body, 200, headers) as never;
  });
}

/**
 * Throws where nothing is asked for, or nothing that is known. Returns what is wrong with single names: a topic that is
 * deleted must not end what else a page follows.
 */
function check(view: ReadView, { topics, alerts, stats, lag, invocations }: StreamRequest): Problem[] {
  if (topics === null && invocations === null && !alerts && !stats && !lag) {
    throw new Problem(400, "Expected at least one of topics, alerts, stats, lag, invocations; got none");
  }
  // As long as Kafka does not answer nobody knows its topics: the stream is there to tell when it does.
  const checked = view.ready().status === "healthy" ? namesOf(topics) : [];
  const unknown = [
    ...problemsOf(checked, (name) => requireTopic(view, name)),
    ...problemsOf(namesOf(invocations), (name) => requireFunction(view, name)),
  ];
  const asked = namesOf(topics).length + namesOf(invocations).length;
  const all = topics === "*" || invocations === "*" || alerts || stats || lag;
  if (!all && unknown.length === asked) throw unknown[0]!;
  return unknown;
}

const namesOf = (names: "*" | readonly string[] | null): readonly string[] =>
  names === null || names === "*" ? [] : names;

function problemsOf(names: readonly string[], need: (name: string) => unknown): Problem[] {
  return names.flatMap((name) => {
    try {
      need(name);
      return [];
    } catch (error) {
      if (error instanceof Problem) return [error];
      throw error;
    }
  });
}

function toVector(text: string): Vector {
  try {
    return parseVector(text);
  } catch (error) {
    const detail = (error as Error).message;
    throw new Problem(400, `Last-Event-ID: ${detail}`, { errors: [{ parameter: "Last-Event-ID", detail }] });
  }
}
