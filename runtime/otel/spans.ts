/**
 * Spans by OpenTelemetry's messaging conventions: `tick {function}` → `send {topic}` for each record, whose context the
 * record carries; `process {topic}` for each batch, linked to its records; and `send {topic}` for each derived record,
 * as a child of its cause, so that one trace leads from the tick to whatever came of it.
 */
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { headerValues } from "../codec.ts";
import type { OutRecord } from "../lane.ts";
import type { BatchToTrace, Tracing } from "../tracing.ts";
import { batchAttributes, errorTypeOf, linkAttributes, sendAttributes } from "./attributes.ts";

export interface SpansOptions {
  readonly tracer: Tracer;
  readonly clientId: string;
  /** Whether records carry the trace in their headers. */
  readonly propagate: boolean;
  stop(): Promise<void>;
}

type HeaderMap = OutRecord["headers"] | NonNullable<BatchToTrace["records"][number]["headers"]>;

const propagator = new W3CTraceContextPropagator();

/** Of a header with several values the last one counts, as everywhere here. */
const getter = {
  keys: (headers: HeaderMap) => Object.keys(headers),
  get: (headers: HeaderMap, name: string) =>
    Object.hasOwn(headers, name) ? headerValues(headers[name]).at(-1)?.toString() : undefined,
};
const setter = {
  set(headers: Record<string, unknown>, name: string, value: string) {
    headers[name] = value;
  },
};

/** The context that headers carry, or null where they carry none that is well-formed. */
function contextOf(headers: HeaderMap | undefined): Context | null {
  if (!headers) return null;
  const found = propagator.extract(ROOT_CONTEXT, headers, getter);
  return found === ROOT_CONTEXT ? null : found;
}

function endSpan(span: Span, error: unknown): void {
  if (error !== null && error !== undefined) {
    span.setAttribute("error.type", errorTypeOf(error));
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
  }
  span.end();
}

export function createTracing({ tracer, clientId, propagate, stop }: SpansOptions): Tracing {
  /** A record that is to be written in `parent`'s trace, unless its function gave it a trace of its own. */
  const send = (fn: string, out: OutRecord, parent: Context, links: Link[] = []): OutRecord => {
    const given = contextOf(out.headers);
    const attributes = sendAttributes(fn, `${clientId}-${fn}`, out);
    const span = tracer.startSpan(
      `send ${out.topic}`,
      { kind: SpanKind.PRODUCER, attributes, links },
      given ?? parent,
    );
    const headers: Record<string, OutRecord["headers"][string]> = { ...out.headers };
    if (propagate && given === null) propagator.inject(trace.setSpan(parent, span), headers, setter);
    return {
      ...out,
      headers,
      trace: {
        chosen: (partition) => span.setAttribute("messaging.destination.partition.id", String(partition)),
        end: (error) => endSpan(span, error),
      },
    };
  };

  return {
    stop,
    tick({ function: fn, now, input, durationMs, outcome }) {
      if (outcome.kind === "ok" && !outcome.output.emit?.length) return null;
      const attributes = { "ksp.function": fn, "ksp.handler_ms": durationMs };
      const span = tracer.startSpan(`tick ${fn}`, { startTime: now, attributes }, ROOT_CONTEXT);
      if (input.kind === "tick") span.setAttribute("ksp.seq", input.seq);
      if (outcome.kind === "error") span.recordException(outcome.error);
      const own = trace.setSpan(ROOT_CONTEXT, span);
      return {
        traceId: span.spanContext().traceId,
        send: (out) => send(fn, out, own),
        end: (error) => endSpan(span, error),
      };
    },
    batch(batch) {
      const links = batch.records.flatMap((record): Link[] => {
        const cause = contextOf(record.headers);
        const linked = cause && trace.getSpanContext(cause);
        return linked ? [{ context: linked, attributes: linkAttributes(record) }] : [];
      });
      const attributes = batchAttributes(batch, `${clientId}-${batch.function}`);
      const span = tracer.startSpan(
        `process ${batch.topic}`,
        { kind: SpanKind.CONSUMER, attributes, links },
        ROOT_CONTEXT,
      );
      const own = trace.setSpan(ROOT_CONTEXT, span);
      const toBatch: Link[] = [{ context: span.spanContext() }];
      let runs = 0;
      return {
        traceId: span.spanContext().traceId,
        ran({ input, outcome, durationMs }) {
          runs += 1;
          span.setAttribute("ksp.runs", runs);
          if (outcome.kind === "ok" && runs === 1) return;
          span.addEvent("run", {
            "ksp.run": runs,
            "ksp.outcome": outcome.kind,
            "ksp.handler_ms": durationMs,
            "messaging.batch.message_count": input.kind === "batch" ? input.records.length : 0,
            ...(outcome.kind === "error" && { "error.type": outcome.error.name }),
          });
        },
        deadLettered({ record, kind, error }) {
          span.addEvent("dead letter", {
            "messaging.kafka.offset": Number(record.offset),
            "ksp.kind": kind,
            "error.type": error.name,
          });
        },
        send(out, cause) {
          const causeContext = contextOf(cause.headers);
          // What nobody traced before begins in the trace of its batch.
          return causeContext === null
            ? send(batch.function, out, own)
            : send(batch.function, out, causeContext, toBatch);
        },
        end: (error) => endSpan(span, error),
      };
    },
  };
}
