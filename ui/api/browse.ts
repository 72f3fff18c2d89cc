/** Pages of a topic's records, and single records whole. */
import { createRoute, z } from "@hono/zod-openapi";
import type { FilterErrors } from "../../runtime/browse-view.ts";
import type { ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { browseQuery, isOffset, toBrowseProblem, toRequest, unknownTopic } from "./browse-query.ts";
import { message, spliced, toMessageJson } from "./message.ts";
import { DEFAULT_LIMIT, requireTopic, topicParams } from "./parameters.ts";
import { Problem, problems, shown } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

export const filterErrors = z
  .object({ count: z.int(), first: z.string() })
  .nullable()
  .openapi({ description: "Records on which a filter could not be evaluated: they are left out" });

export const toFilterErrors = (errors: FilterErrors | null): z.output<typeof filterErrors> =>
  errors && { count: errors.count, first: errors.first };

const messagesRoute = createRoute({
  method: "get",
  path: "/api/messages/{topic}",
  summary: "A page of a topic's records, in the order of time",
  description:
    "With no parameter but `limit`: the newest, at once, from the server's bounded tail. A page can have fewer " +
    "records than asked for, even none, and still a next_page_token: looking through many for few takes time.",
  request: { params: topicParams, query: browseQuery },
  responses: {
    200: {
      description: "The records",
      content: {
        "application/json": {
          schema: z.object({
            topic: z.string(),
            count: z.int(),
            next_page_token: z
              .string()
              .nullable()
              .openapi({ description: "Goes on where this page ends, as the mode goes; null at the end" }),
            scanned: z.int().openapi({ description: "Offsets passed over to fill the page" }),
            filter_errors: filterErrors,
            timestamp: isoTime,
            messages: z.array(message),
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

const recordRoute = createRoute({
  method: "get",
  path: "/api/records/{topic}/{partition}/{offset}",
  summary: "One record whole, with its bytes",
  request: {
    params: topicParams.extend({
      partition: z
        .string()
        .regex(/^\d{1,9}$/, { error: (i) => `expected a partition's number, got ${shown(i.input)}` }),
      offset: z
        .string()
        .refine(isOffset, { error: (i) => `expected an offset from 0 to 2^63−1, got ${shown(i.input)}` }),
    }),
  },
  responses: {
    200: {
      description: "The record",
      content: {
        "application/json": {
          schema: message.extend({
            key_base64: z.string().nullable(),
            value_base64: z.string().nullable(),
            headers_base64: z.array(z.tuple([z.string(), z.string()])),
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

export function addBrowse(api: Api, view: ReadView): void {
  api.openapi(messagesRoute, async (c) => {
    const { topic } = c.req.valid("param");
    const { limit = DEFAULT_LIMIT, ...query } = c.req.valid("query");
    const answer = (
      fields: Record<string, unknown>,
      records: readonly Parameters<typeof toMessageJson>[0][],
    ) =>
      spliced(
        c,
        { topic, count: records.length, ...fields, timestamp: isoNow() },
        "messages",
        `[${records.map(toMessageJson).join(",")}]`,
      );
    if (Object.values(query).every((value) => value === undefined)) {
      requireTopic(view, topic);
      const records = await view.messages(topic, limit);
      if (records === null) throw unknownTopic(view, topic);
      return answer({ next_page_token: null, scanned: records.length, filter_errors: null }, records);
    }
    const request = toRequest(topic, query, { mode: "newest", limit });
    try {
      const page = await view.browse.page(request, c.req.raw.signal);
      const { nextPageToken: next_page_token, scanned } = page;
      return answer(
        { next_page_token, scanned, filter_errors: toFilterErrors(page.filterErrors) },
        page.records,
      );
    } catch (error) {
      throw toBrowseProblem(view, topic, error);
    }
  });

  api.openapi(recordRoute, async (c) => {
    const { topic, partition, offset } = c.req.valid("param");
    const at = Number(partition);
    try {
      const whole = await view.browse.record(topic, at, String(BigInt(offset)), c.req.raw.signal);
      if (!whole) {
        const log = view.topic(topic)?.partitions[at];
        const where = log ? ` (they begin at ${log.startOffset} and end before ${log.endOffset})` : "";
        throw new Problem(
          404,
          `Expected an offset that partition ${at} of ${shown(topic)} holds${where}, got ${offset}`,
        );
      }
      const { record, raw } = whole;
      const bytes = { key_base64: raw.key, value_base64: raw.value, headers_base64: raw.headers };
      const json = `${toMessageJson(record).slice(0, -1)},${JSON.stringify(bytes).slice(1)}`;
      return c.body(json, 200, { "Content-Type": "application/json" }) as never;
    } catch (error) {
      const problem = toBrowseProblem(view, topic, error);
      // The path can only be wrong in its partition, which then is not there.
      throw problem instanceof Problem && problem.status === 400
        ? new Problem(404, problem.message)
        : problem;
    }
  });
}
