/** A topic's records as a file, streamed: one JSON document a line, or CSV. Nothing is cut. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RecordView } from "../../runtime/view.ts";
import type { Api, ApiDeps } from "./api.ts";
import { browseQuery, toBrowseProblem, toRequest } from "./browse-query.ts";
import { CSV_HEADER, toCsvLine } from "./csv.ts";
import { toMessageJson } from "./message.ts";
import { topicParams } from "./parameters.ts";
import { problems, shown } from "./problem.ts";
import { pulledStream } from "./pulled-stream.ts";
import { toIso } from "./time.ts";

const MOST_RECORDS = 1_000_000;
/** Characters that are gathered before they are sent. */
const CHUNK = 64 * 1024;

const LIMIT = `a whole number from 1 to ${MOST_RECORDS}`;
const query = browseQuery.extend({
  format: z
    .enum(["ndjson", "csv"], { error: (i) => `expected ndjson or csv, got ${shown(i.input)}` })
    .optional(),
  limit: z
    .string({ error: (i) => `expected ${LIMIT}, got ${shown(i.input)}` })
    .regex(/^(?:[1-9]\d{0,5}|1000000)$/, { error: (i) => `expected ${LIMIT}, got ${shown(i.input)}` })
    .transform(Number)
    .optional()
    .openapi({ type: "integer", minimum: 1, maximum: MOST_RECORDS, default: MOST_RECORDS }),
});

const downloadRoute = createRoute({
  method: "get",
  path: "/api/messages/{topic}/download",
  summary: "Records as a file",
  description:
    "Without a mode: the oldest first. Modes that go back in time give the newest first. NDJSON has a message a line, " +
    "every number as on the topic; CSV has topic, partition, offset, timestamp, key, value, headers (as JSON), and an " +
    "apostrophe before what a spreadsheet would take for a formula.",
  request: { params: topicParams, query },
  responses: {
    200: {
      description: "The file. It breaks off where reading fails",
      content: {
        "application/x-ndjson": { schema: z.string() },
        "text/csv": { schema: z.string() },
      },
    },
    ...problems(400, 404, 503),
  },
});

const FORMATS = {
  ndjson: { type: "application/x-ndjson", header: "", toLine: toNdjsonLine },
  csv: { type: "text/csv; charset=utf-8", header: CSV_HEADER, toLine: toCsv },
} as const;

export function addDownload(api: Api, { view, stopping }: ApiDeps): void {
  api.openapi(downloadRoute, async (c) => {
    const { topic } = c.req.valid("param");
    const { limit = MOST_RECORDS, format = "ndjson", ...rest } = c.req.valid("query");
    const { type, header, toLine } = FORMATS[format];
    const headers = {
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="${topic}.${format}"`,
    };
    if (c.req.method === "HEAD") return c.body(null, 200, headers) as never;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, stopping, c.req.raw.signal]);
    try {
      const records = await view.browse.download(toRequest(topic, rest, { mode: "oldest", limit }), signal);
      return c.body(pulledStream(chunks(records, header, toLine), { gone }), 200, headers) as never;
    } catch (error) {
      throw toBrowseProblem(view, topic, error);
    }
  });
}

async function* chunks(
  records: AsyncGenerator<RecordView>,
  header: string,
  toLine: (record: RecordView) => string,
): AsyncGenerator<string> {
  let text = header;
  for await (const record of records) {
    text += toLine(record);
    if (text.length < CHUNK) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

/** A value's line breaks stand between its tokens, where a space means the same. */
function toNdjsonLine(record: RecordView): string {
  return `${toMessageJson(record).replace(/[\r\n]+/g, " ")}\n`;
}

function toCsv(record: RecordView): string {
  const { topic, partition, offset, timestamp, key, valueText, headers } = record;
  return toCsvLine([topic, partition, offset, toIso(timestamp), key, valueText, JSON.stringify(headers)]);
}
