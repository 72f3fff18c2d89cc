/**
 * A search through a topic as server-sent events: `message` as they are found, `progress` twice a second at most, `done`
 * or `problem` at the end. It ends when the client leaves.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { SearchEvent, SearchProgress } from "../../runtime/browse-view.ts";
import type { Api, ApiDeps, ApiEnv } from "./api.ts";
import { toFilterErrors } from "./browse.ts";
import { browseQuery, toBrowseProblem, toRequest } from "./browse-query.ts";
import { toMessageJson } from "./message.ts";
import { DEFAULT_LIMIT, topicParams } from "./parameters.ts";
import { Problem, problems, toProblemJson } from "./problem.ts";
import { pulledStream } from "./pulled-stream.ts";

const HEADERS = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };

const searchRoute = createRoute({
  method: "get",
  path: "/api/search/{topic}",
  summary: "Searches a topic up to its end as it is now, as server-sent events",
  description:
    "`message`: a message as /api/messages has it, in the order in which they are found (newest first where the mode " +
    "goes back in time). `progress`: scanned, total, matched, elapsed_ms, at once and then twice a second at most. " +
    "`done`: the same, limit_reached, next_page_token, filter_errors. `problem`: a problem, as the last event. The " +
    "client closes the connection at `done` or `problem`: an EventSource would search again. Bad parameters are a " +
    "`problem` event for a client that accepts only text/event-stream, and a 400 for others.",
  request: { params: topicParams, query: browseQuery },
  responses: {
    200: { description: "The events", content: { "text/event-stream": { schema: z.string() } } },
    ...problems(400, 404, 503),
  },
});

export function addSearch(api: Api, { view, log, stopping }: ApiDeps): void {
  api.openapi(searchRoute, async (c) => {
    const { topic } = c.req.valid("param");
    const { limit = DEFAULT_LIMIT, ...query } = c.req.valid("query");
    if (c.req.method === "HEAD") return c.body(null, 200, HEADERS) as never;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, stopping]);

    const toProblem = (thrown: unknown): Problem => {
      const error = toBrowseProblem(view, topic, thrown);
      if (error instanceof Problem) return error;
      log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "search failed");
      return new Problem(500, "The server failed; its log has the details under this requestId.");
    };
    async function* events(found: AsyncGenerator<SearchEvent>): AsyncGenerator<string> {
      try {
        for await (const event of found) yield toSse(event);
      } catch (error) {
        if (!signal.aborted) yield problemEvent(c, toProblem(error));
      }
    }

    try {
      const request = toRequest(topic, query, { mode: "newest", limit });
      const found = await view.browse.search(request, AbortSignal.any([signal, c.req.raw.signal]));
      return c.body(pulledStream(events(found), { gone }), 200, HEADERS) as never;
    } catch (error) {
      const problem = toProblem(error);
      // An EventSource is not told the body of an answer that is not 200.
      if (c.req.header("accept") !== "text/event-stream") throw problem;
      return c.body(problemEvent(c, problem), 200, HEADERS) as never;
    }
  });
}

const toProgress = ({ scanned, total, matched, elapsedMs }: SearchProgress) => ({
  scanned,
  total,
  matched,
  elapsed_ms: elapsedMs,
});

function toSse(event: SearchEvent): string {
  if (event.kind === "record") return sse("message", toMessageJson(event.record));
  if (event.kind === "progress") return sse("progress", JSON.stringify(toProgress(event)));
  const { limitReached, nextPageToken, filterErrors } = event;
  const done = {
    ...toProgress(event),
    limit_reached: limitReached,
    next_page_token: nextPageToken,
    filter_errors: toFilterErrors(filterErrors),
  };
  return sse("done", JSON.stringify(done));
}

const problemEvent = (c: Context<ApiEnv>, problem: Problem): string =>
  sse("problem", toProblemJson(c, problem));

/** `json` may have line breaks between its tokens. */
const sse = (event: string, json: string): string =>
  `event: ${event}\n${json
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`;
