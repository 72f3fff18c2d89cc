/**
 * The platform as a value: given functions, topics and a way to Kafka it starts their triggers, and stops them so
 * that nothing acknowledged is lost and nothing half done is committed.
 */
import { randomUUID } from "node:crypto";
import { createAdministration } from "./admin.ts";
import { createAdminClient } from "./admin-client.ts";
import type { AdminApi } from "./admin-view.ts";
import { backoffMs, wait } from "./backoff.ts";
import { createBrowse } from "./browse.ts";
import { createCluster } from "./cluster.ts";
import type { Topic } from "./define.ts";
import { createEnsureTopics } from "./ensure-topics.ts";
import type { LoadedFunction } from "./invoke.ts";
import { createJournal } from "./journal.ts";
import { describeUnreached, type KafkaFactory } from "./kafka.ts";
import { createKafkaTrigger, type KafkaTrigger } from "./kafka-trigger.ts";
import { LANE_LIMITS } from "./lane-limits.ts";
import type { Logger } from "./log.ts";
import { createMetrics } from "./metrics/metrics.ts";
import type { MetricsPort } from "./metrics/metrics-view.ts";
import { createObserver } from "./observer.ts";
import { createOutputs, type Outputs } from "./outputs.ts";
import { createReadView } from "./read-view.ts";
import { createReadable } from "./readable.ts";
import type { Registry } from "./registry-client.ts";
import { createReleasers } from "./releasers.ts";
import { jsonOnly, type SerdeOf } from "./serde.ts";
import { createShadow } from "./shadow.ts";
import { createStatus, type FunctionStatus, setRunning, setState } from "./status.ts";
import { createStream } from "./stream.ts";
import { createTail } from "./tail.ts";
import { createTimerTrigger } from "./timer-trigger.ts";
import { toTopicSpecs } from "./topics.ts";
import type { Tracing } from "./tracing.ts";
import { untilReady } from "./until-ready.ts";
import type { ReadView } from "./view.ts";

export interface RuntimeOptions {
  /** Those to run here. */
  readonly functions: readonly LoadedFunction[];
  readonly topics: readonly Topic[];
  /** All functions of the project, whether they run here or not. */
  readonly known: readonly LoadedFunction[];
  /** The project's. */
  readonly version: string;
  readonly kafka: KafkaFactory;
  /** Where Kafka is, `host:port` each. */
  readonly brokers: readonly string[];
  readonly replicationFactor: number;
  /** What topics are written in; left out: JSON. */
  readonly serdeOf?: SerdeOf;
  /** The schema registry in use; left out: none. */
  readonly registry?: Registry | null;
  /** Run every invocation under the purity guards, and not just a sample's shadow. */
  readonly guard: boolean;
  /** Whether anyone can look at records as they come: without the API no topic is read but by its consumers. */
  readonly live: boolean;
  /** Why the broker that belongs to the platform does not run, or null. */
  brokerTrouble(): string | null;
  /** The same of the schema registry that belongs to the platform; left out where it has none. */
  readonly registryTrouble?: (() => string | null) | undefined;
  /** That broker's own metrics, null while it does not answer; no function where it is not the platform's. */
  readonly brokerText: (() => Promise<string | null>) | null;
  readonly log: Logger;
  /** Null: no traces are wanted. */
  readonly tracing: Tracing | null;
  /** A batch that takes longer is told in the log, ms. */
  readonly slowBatchMs: number;
}

export interface Runtime {
  readonly view: ReadView;
  readonly admin: AdminApi;
  readonly metrics: MetricsPort;
  /** Begins; Kafka may still be out of reach: it goes on as soon as it is there. */
  start(): void;
  /** Finishes what is at hand, commits, leaves the groups. After `drainMs` it gives up waiting. */
  stop(drainMs: number): Promise<void>;
}

/** One in so many invocations is run again under the purity guards. */
const SHADOW_EVERY = 50;

export function createRuntime(options: RuntimeOptions): Runtime {
  const { functions, topics, kafka, log, serdeOf = jsonOnly } = options;
  const readable = createReadable(serdeOf, log);
  const now = Date.now;
  const newId = randomUUID;
  const journal = createJournal();
  const statuses = new Map(
    functions.map((fn) => [fn.name, createStatus(fn, (invocation) => metrics.onInvocation(invocation))]),
  );
  const triggers = new Map<string, KafkaTrigger>();
  const releasers = createReleasers();
  /** Each in a stack of its own, since functions start in any order: those that wait for their schemas later. */
  const running = { consumer: createReleasers(), producer: createReleasers() };
  const onUncleanEnd = (name: string, error: unknown): void =>
    log.error({ err: error }, `${name} did not stop cleanly`);
  const stopping = new AbortController();
  /** Aborts when draining has taken too long. */
  const givingUp = new AbortController();
  const observer = createObserver(createCluster(kafka("observer")), now, (trouble) => {
    if (trouble === null) log.info("Kafka answers again");
    else log.warn(`Kafka does not answer: ${trouble}; trying again`);
  });
  const tail = createTail({
    createCluster: () => createCluster(kafka("tail")),
    observer,
    now,
    log,
    readable,
  });
  const admin = createAdminClient(kafka("admin"), log);
  const stream = createStream({
    statuses,
    journal,
    observer,
    tail,
    admin,
    cluster: createCluster(kafka("stream")),
    topics,
    readable,
    now,
    log,
  });
  const browse = createBrowse(
    () => createCluster(kafka("browse")),
    () => performance.now(),
    readable,
  );
  const { known, brokers, version } = options;
  const administration = createAdministration({
    kafka,
    admin,
    observer,
    topics,
    functions: known,
    version,
    brokers,
    now,
    serdeOf,
    registry: options.registry ?? null,
    log,
  });
  let starting: Promise<void> = Promise.resolve();

  const specs = toTopicSpecs(topics, functions);
  const specOf = new Map(specs.map((spec) => [spec.name, spec]));

  const ensureTopics = createEnsureTopics({
    admin,
    observer,
    specs,
    replicationFactor: options.replicationFactor,
    log,
  });

  const shadow = createShadow({
    every: SHADOW_EVERY,
    defer: (job) => setImmediate(job),
    onImpure(name, reason) {
      statuses.get(name)!.impure += 1;
      log.warn({ function: name }, `not a pure function: ${reason}`);
    },
  });

  const outputsOf = (status: FunctionStatus): Outputs => {
    const outputs = createOutputs({
      name: status.fn.name,
      kafka,
      limits: LANE_LIMITS[status.fn.definition.kind],
      signal: givingUp.signal,
      delivery: (topic) => specOf.get(topic) ?? { compression: "none", acks: "all" },
      async partitionsOf(topic) {
        const known = observer.picture()?.topics.get(topic) ?? (await observer.refresh()).topics.get(topic);
        return known?.length || (specOf.get(topic)?.partitions ?? 1);
      },
      recreate: async (topic) => {
        log.warn({ topic }, "the topic is gone; it is created again");
        await ensureTopics();
      },
      onTrouble(reason) {
        if (reason !== null) {
          status.retries.send += 1;
          setState(status, "waiting", reason);
        } else if (status.state === "waiting") setRunning(status);
      },
      log,
    });
    running[status.fn.definition.kind].push(`${status.fn.name}: outputs`, () => outputs.stop());
    return outputs;
  };

  const startFunction = (status: FunctionStatus): void => {
    const { fn } = status;
    const { guard, tracing, slowBatchMs } = options;
    const shared = { fn, status, journal, shadow, guard, serdeOf, log, tracing, now, newId };
    if (fn.definition.kind === "consumer") {
      const outputs = outputsOf(status);
      const { startOffset, endOffset } = observer;
      const trigger = createKafkaTrigger({ ...shared, kafka, outputs, startOffset, endOffset, slowBatchMs });
      triggers.set(fn.name, trigger);
      running.consumer.push(fn.name, () => trigger.stop(givingUp.signal));
      trigger.start();
    } else {
      const outputs = outputsOf(status);
      const schedule = (callback: () => void, ms: number): (() => void) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      };
      const trigger = createTimerTrigger({ ...shared, outputs, instanceId: randomUUID(), schedule });
      running.producer.push(fn.name, () => trigger.stop());
      trigger.start();
    }
  };

  const begin = async (): Promise<void> => {
    observer.start();
    releasers.push("observer", () => observer.stop());
    if (options.live) {
      stream.start();
      releasers.push("stream", () => stream.stop());
    }
    for (let failures = 1; ; failures++) {
      try {
        await ensureTopics();
        break;
      } catch (error) {
        log[failures === 1 ? "warn" : "debug"](
          `Kafka is not ready: ${describeUnreached(error)}; trying again`,
        );
        await wait(backoffMs({ firstMs: 200, mostMs: 3_000 }, failures, Math.random()), stopping.signal);
        if (stopping.signal.aborted) return;
      }
    }
    administration.facts.known(); // the first who looks finds them there
    if (options.live) {
      tail.start();
      releasers.push("tail", () => tail.stop());
    }
    // Consumers first and producers last: at the end, producers stop first and consumers after them.
    releasers.push("consumers", () => running.consumer.release(onUncleanEnd));
    releasers.push("producers", () => running.producer.release(onUncleanEnd));
    const order = [...statuses.values()].sort((a, b) =>
      a.fn.definition.kind.localeCompare(b.fn.definition.kind),
    );
    const schemas = order.map(async (status) => {
      const emits: readonly Topic[] = status.fn.definition.emits;
      const serdes = emits.map(({ name }) => serdeOf(name)).filter(({ name }) => name !== "json");
      if (serdes.length === 0) startFunction(status);
      else if (await untilReady(status, serdes, stopping.signal, log)) startFunction(status);
    });
    await Promise.all(schemas);
  };

  const view = createReadView({
    browse,
    statuses,
    triggers,
    journal,
    observer,
    tail,
    stream,
    admin,
    topics,
    topology: administration.topology,
    facts: administration.facts,
    now,
    brokerTrouble: options.brokerTrouble,
    registryTrouble: options.registryTrouble,
  });
  const metrics = createMetrics({
    version,
    statuses,
    triggers,
    observer,
    lag: stream.lag,
    ready: () => view.ready(),
    brokerText: options.brokerText,
  });

  return {
    view,
    admin: administration.api,
    metrics,
    start() {
      for (const status of statuses.values()) setState(status, "starting");
      starting = begin();
    },
    async stop(drainMs) {
      stopping.abort();
      browse.stop();
      const timer = setTimeout(() => givingUp.abort(), drainMs);
      await starting;
      await releasers.release(onUncleanEnd);
      await administration.stop();
      await admin.close();
      clearTimeout(timer);
    },
  };
}
