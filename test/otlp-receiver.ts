/** A collector of traces for tests: OTLP over HTTP with JSON, spans as the test wants to look at them. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

type AnyValue = Readonly<Record<string, unknown>>;
interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly KeyValue[];
  readonly links?: readonly { traceId: string; spanId: string; attributes: readonly KeyValue[] }[];
  readonly events?: readonly { name: string; attributes: readonly KeyValue[] }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

export interface ReceivedSpan extends Omit<OtlpSpan, "attributes" | "links" | "events"> {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly links: readonly {
    traceId: string;
    spanId: string;
    attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly events: readonly { name: string; attributes: Readonly<Record<string, unknown>> }[];
}

export interface OtlpReceiver {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Content types and `x-tenant` headers of the requests. */
  readonly requests: readonly { readonly type: string | undefined; readonly tenant: string | undefined }[];
}

const toObject = (attributes: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Listens until the test is over. Requests that are not JSON are only counted. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver["requests"][number][] = [];
  const server = createServer(async (request, response) => {
    const { "content-type": type, "content-encoding": encoding, "x-tenant": tenant } = request.headers;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    requests.push({ type, tenant: tenant?.toString() });
    if (type === "application/json") {
      const text = (encoding === "gzip" ? gunzipSync(body) : body).toString("utf8");
      for (const { resource, scopeSpans } of (JSON.parse(text) as OtlpRequest).resourceSpans) {
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          const links = (span.links ?? []).map((link) => ({
            ...link,
            attributes: toObject(link.attributes),
          }));
          const events = (span.events ?? []).map((event) => ({
            ...event,
            attributes: toObject(event.attributes),
          }));
          const attributes = toObject(span.attributes);
          spans.push({ ...span, attributes, links, events, resource: toObject(resource.attributes) });
        }
      }
    }
    response.writeHead(200, { "content-type": type ?? "" }).end(type === "application/json" ? "{}" : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, requests };
}
