/** OpenTelemetry's SDK, loaded only where traces are wanted. */
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { ExportResultCode, setGlobalErrorHandler } from "@opentelemetry/core";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import { describeError } from "../kafka.ts";
import type { Logger } from "../log.ts";
import type { Tracing } from "../tracing.ts";
import type { OtelSettings } from "./settings.ts";
import { createTracing } from "./spans.ts";

export interface TracingOptions {
  /** How the platform calls itself to Kafka. */
  readonly clientId: string;
  /** The project's. */
  readonly version: string;
  readonly log: Logger;
}

const NAME = "kafka-streaming-platform";
/** What a collector that does not answer may take of the end. */
const FLUSH_MS = 1_500;

/** Begins to export. At most 2,048 spans wait (OTEL_BSP_MAX_QUEUE_SIZE); what a dead collector leaves over is dropped. */
export async function startTracing(settings: OtelSettings, options: TracingOptions): Promise<Tracing> {
  const { log, version } = options;
  tellTroubleOfTheSdk(log);
  const exporters = await Promise.all(settings.exporters.map((name) => createExporter(name, settings)));
  const own = resourceFromAttributes({ "service.name": NAME, "service.version": version });
  const provider = new BasicTracerProvider({
    // What the environment says goes last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: exporters.map((exporter) => new BatchSpanProcessor(watched(exporter, log))),
  });
  return createTracing({
    tracer: provider.getTracer(NAME, version),
    clientId: options.clientId,
    propagate: settings.propagate,
    async stop() {
      const timeout = AbortSignal.timeout(FLUSH_MS);
      const late = new Promise<"late">((resolve) => {
        timeout.addEventListener("abort", () => resolve("late"), { once: true });
      });
      const ended = provider.shutdown().catch((error) => log.debug(`traces: ${describeError(error)}`));
      if ((await Promise.race([ended, late])) === "late")
        log.warn(`the last traces were not exported within ${FLUSH_MS / 1000} s`);
    },
  });
}

async function createExporter(
  name: OtelSettings["exporters"][number],
  { protocol }: OtelSettings,
): Promise<SpanExporter> {
  if (name === "console") return new ConsoleSpanExporter();
  const { OTLPTraceExporter } =
    protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter();
}

/** Tells when exporting begins to fail and when it works again, and not each failure. */
function watched(exporter: SpanExporter, log: Logger): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code === ExportResultCode.FAILED;
        if (failed) {
          const reason = describeError(result.error ?? "no reason given");
          log[failing ? "debug" : "warn"](
            { spans: spans.length },
            `traces cannot be exported and are dropped: ${reason}`,
          );
        } else if (failing) log.info("traces are exported again");
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush!() }),
  };
}

/** What the SDK finds wrong with its settings. Values of headers are secrets, and it names those that are malformed. */
function tellTroubleOfTheSdk(log: Logger): void {
  const tell = (message: string): void =>
    log.warn(`OpenTelemetry: ${message.replace(/invalid value \(.*\)/s, "an invalid value")}`);
  const quiet = (): void => {};
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  // Failed exports, which `watched` has told already.
  setGlobalErrorHandler((error) => log.debug(`traces: ${describeError(error)}`));
}
