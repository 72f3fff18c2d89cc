/**
 * Prometheus metrics of one process, put together. A scrape costs no request to Kafka: topics and groups are those of
 * the observer's picture.
 */
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Invocation } from "../invoke.ts";
import type { LagHistory } from "../lag-history.ts";
import type { Observer } from "../observer.ts";
import type { CheckView } from "../view.ts";
import { type Family, registerFamily } from "./family.ts";
import { type FunctionFamiliesDeps, functionFamilies } from "./function-families.ts";
import { groupFamilies } from "./group-families.ts";
import type { ApiNumbers, MetricsPort } from "./metrics-view.ts";
import { topicFamilies } from "./topic-families.ts";
import { userMetricsText } from "./user-metrics.ts";

export interface MetricsDeps extends Omit<FunctionFamiliesDeps, "secondsBehind"> {
  readonly version: string;
  readonly observer: Pick<Observer, "picture">;
  readonly lag: Pick<LagHistory, "current" | "secondsBehind">;
  /** Whether Kafka answers: as long as it does not, what is known of topics and groups is not told as of now. */
  ready(): CheckView;
  /** The embedded broker's own metrics, null while it does not answer; no function where the platform has none. */
  readonly brokerText: (() => Promise<string | null>) | null;
}

export interface Metrics extends MetricsPort {
  /** Told of every call of a handler. */
  onInvocation(invocation: Invocation): void;
}

const DURATION_BUCKETS_S = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** Gauges that are named as counters are; each is the sum of the same name without its ending. */
const MISNAMED_DEFAULTS = ["handles", "requests", "resources"].map((of) => `nodejs_active_${of}_total`);

export function createMetrics(deps: MetricsDeps): Metrics {
  const { statuses, observer, lag } = deps;
  const registry = new Registry();
  const api = new Map<keyof ApiNumbers, () => number>();
  let brokerText: string | null = null;

  const picture = () => (deps.ready().status === "healthy" ? observer.picture() : null);
  const families: readonly Family[] = [
    ...topicFamilies(picture),
    ...groupFamilies(() => {
      const [now, groups] = [picture(), lag.current()];
      return now && groups ? { groups, picture: now } : null;
    }),
    ...functionFamilies({ ...deps, secondsBehind: lag.secondsBehind }),
    ...platformFamilies(),
  ];
  for (const family of families) registerFamily(registry, family);

  const durations = new Histogram({
    name: "ksp_function_duration_seconds",
    help: "How long calls of the handler took",
    labelNames: ["function"],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
  const batches = new Histogram({
    name: "ksp_function_batch_records",
    help: "Records that a consumer was first called with",
    labelNames: ["function"],
    buckets: BATCH_BUCKETS,
    registers: [registry],
  });
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED_DEFAULTS) registry.removeSingleMetric(name);

  /** One sample without labels, or none where the number is not known. */
  function single(type: Family["type"], name: string, help: string, read: () => number | undefined): Family {
    return {
      type,
      name,
      help,
      labels: [],
      read: () => {
        const value = read();
        return value === undefined ? [] : [{ labels: {}, value }];
      },
    };
  }

  function platformFamilies(): readonly Family[] {
    const { version } = deps;
    return [
      {
        type: "gauge",
        name: "ksp_build_info",
        help: "The platform's version; 1",
        labels: ["version", "node"],
        read: () => [{ labels: { version, node: process.version }, value: 1 }],
      },
      single("gauge", "ksp_kafka_up", "1 if Kafka answers", () => Number(deps.ready().status === "healthy")),
      ...(deps.brokerText
        ? [
            single("gauge", "ksp_broker_up", "1 if the embedded broker tells its metrics", () =>
              Number(brokerText !== null),
            ),
          ]
        : []),
      single("gauge", "ksp_stream_clients", "Clients of the live stream", () => api.get("streamClients")?.()),
      single("counter", "ksp_capture_recorded_total", "Invocations handed to captures", () =>
        api.get("captureRecorded")?.(),
      ),
      single("counter", "ksp_capture_dropped_total", "Invocations left out of slow captures", () =>
        api.get("captureDropped")?.(),
      ),
    ];
  }

  return {
    onInvocation({ function: name, input, attempt, durationMs, outcome }) {
      durations.observe({ function: name }, durationMs / 1000);
      // An input that is not valid may be anything.
      if (attempt === 1 && outcome.kind !== "invalid" && input.kind === "batch") {
        batches.observe({ function: name }, input.records.length);
      }
    },
    provide: (name, read) => void api.set(name, read),
    async scrape() {
      brokerText = (await deps.brokerText?.()) ?? null;
      const parts = [await registry.metrics(), await userMetricsText(statuses), brokerText ?? ""];
      return { contentType: registry.contentType, text: parts.join("\n") };
    },
  };
}
