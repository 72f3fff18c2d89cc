/** Answers what the API asks, from what the runtime knows anyway. */

import type { AdminPort } from "./admin-client.ts";
import type { BrowsePort } from "./browse-view.ts";
import { redact } from "./capture/redact.ts";
import type { ConsumerDefinition, Topic } from "./define.ts";
import { describeGroup, listGroups } from "./groups-view.ts";
import type { Journal } from "./journal.ts";
import type { KafkaTrigger } from "./kafka-trigger.ts";
import type { Kept } from "./kept.ts";
import { type ClusterPicture, type Observer, total } from "./observer.ts";
import type { FunctionStatus } from "./status.ts";
import type { Stream } from "./stream.ts";
import type { Tail } from "./tail.ts";
import { configOf, sizeOf, type TopicFacts } from "./topic-facts.ts";
import type { Topology } from "./topic-role.ts";
import type { CapturedInvocation, CheckView, FunctionView, HealthView, ReadView, TopicView } from "./view.ts";

export interface ReadViewDeps {
  readonly browse: BrowsePort;
  readonly statuses: ReadonlyMap<string, FunctionStatus>;
  readonly triggers: ReadonlyMap<string, KafkaTrigger>;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly tail: Tail;
  readonly stream: Pick<Stream, "view" | "lag">;
  readonly admin: AdminPort;
  readonly topics: readonly Topic[];
  readonly topology: Topology;
  readonly facts: Kept<TopicFacts>;
  now(): number;
  brokerTrouble(): string | null;
  /** The same of the platform's own schema registry; left out where it has none. */
  readonly registryTrouble?: (() => string | null) | undefined;
}

/** A picture older than this says nothing of now. */
const STALE_MS = 15_000;
const HEALTHY: CheckView = { status: "healthy" };
const unhealthy = (reason: string): CheckView => ({ status: "unhealthy", reason });

const withoutSecrets = (invocation: CapturedInvocation): CapturedInvocation => ({
  ...invocation,
  config: redact(invocation.config),
});

export function createReadView(deps: ReadViewDeps): ReadView {
  const { statuses, triggers, journal, observer, tail, admin } = deps;
  const defined = new Map(deps.topics.map((topic) => [topic.name, topic]));

  const kafka = (): CheckView => {
    const broker = deps.brokerTrouble();
    if (broker !== null) return unhealthy(broker);
    const trouble = observer.trouble();
    if (trouble !== null) return unhealthy(`Kafka does not answer: ${trouble}`);
    const age = deps.now() - (observer.picture()?.takenAt ?? 0);
    return age > STALE_MS ? unhealthy(`Kafka has not answered for ${Math.round(age / 1000)} s`) : HEALTHY;
  };

  const check = ({ state, reason }: FunctionStatus): CheckView =>
    state === "running" ? HEALTHY : unhealthy(reason ?? `is ${state}`);

  const toTopicView = (name: string, picture: ClusterPicture): TopicView => {
    const partitions = picture.topics.get(name)!;
    const definition = defined.get(name) ?? defined.get(name.replace(/\.dlq$/, ""));
    const own = defined.get(name);
    const facts = deps.facts.known();
    const sizes = partitions.map(({ partition }) => sizeOf(facts, name, partition));
    const retentionMs = configOf(facts, name, "retention.ms");
    return {
      name,
      defined: definition !== undefined,
      description: own?.description ?? (definition ? `Dead letters of ${definition.name}` : null),
      key: definition?.key ?? null,
      partitions: partitions.map(({ partition, leader, replicas, isr }, i) => ({
        partition,
        leader,
        replicas,
        isr,
        startOffset: String(picture.starts.get(name)?.get(partition) ?? 0n),
        endOffset: String(picture.ends.get(name)?.get(partition) ?? 0n),
        sizeBytes: sizes[i] ?? null,
      })),
      replicationFactor: partitions[0]?.replicas.length ?? 0,
      messageCount: Number(total(picture.ends, name) - total(picture.starts, name)),
      recentCount: tail.recentCount(name),
      totalConsumed: tail.consumed(name),
      rate: observer.rate(name),
      retentionMs: retentionMs === null ? null : Number(retentionMs),
      cleanupPolicy: configOf(facts, name, "cleanup.policy"),
      sizeBytes: sizes.every((size) => size !== null) ? sizes.reduce((sum, size) => sum + size, 0) : null,
      role: deps.topology.role(name),
      alerts: own?.alerts ?? false,
      unreadable: tail.unreadable(name),
    };
  };

  const toFunctionView = (status: FunctionStatus): FunctionView => {
    const {
      fn,
      state,
      metrics,
      metricsDropped: _,
      onInvocation: __,
      invocations,
      retries,
      ...counts
    } = status;
    const { definition } = fn;
    const consumer = definition.kind === "consumer" ? (definition as ConsumerDefinition) : null;
    const trigger = triggers.get(fn.name);
    return {
      ...counts,
      name: fn.name,
      kind: definition.kind,
      description: definition.description,
      codeHash: fn.codeHash,
      config: redact(fn.config),
      topic: consumer?.topic.name ?? null,
      group: consumer?.group ?? null,
      emits: definition.emits.map((topic: Topic) => topic.name),
      status: state,
      invocations: { ...invocations },
      retries: retries.send + retries.batch,
      metrics: Object.fromEntries([...metrics].map(([series, { value }]) => [series, value])),
      state: { durability: "memory", keys: trigger?.stateKeys() ?? 0 },
      lag: trigger?.lag() ?? null,
    };
  };

  const exists = (topic: string): boolean => observer.picture()?.topics.has(topic) ?? false;

  return {
    stream: deps.stream.view,
    browse: deps.browse,
    health(): HealthView {
      const checks: Record<string, CheckView> = { kafka: kafka() };
      if (deps.registryTrouble) {
        const trouble = deps.registryTrouble();
        checks["schema registry"] = trouble === null ? HEALTHY : unhealthy(trouble);
      }
      for (const [name, status] of statuses) checks[name] = check(status);
      const sound = Object.values(checks).every(({ status }) => status === "healthy");
      return { status: sound ? "healthy" : "unhealthy", checks };
    },
    ready: kafka,
    topics() {
      const picture = observer.picture();
      return picture ? [...picture.topics.keys()].map((name) => toTopicView(name, picture)) : [];
    },
    topic(name) {
      const picture = observer.picture();
      return picture?.topics.has(name) ? toTopicView(name, picture) : null;
    },
    messages: async (topic, limit) => (exists(topic) ? tail.recent(topic, limit) : null),
    latest: async (topic) => tail.recent(topic, 1)[0] ?? null,
    lastUpdate: () => tail.lastUpdate(),
    functions: () => [...statuses.values()].map(toFunctionView),
    function(name) {
      const status = statuses.get(name);
      return status ? toFunctionView(status) : null;
    },
    invocations: (name) => journal.last(name).map(withoutSecrets),
    follow: (name, listener) => journal.follow(name, (invocation) => listener(withoutSecrets(invocation))),
    groups: () => listGroups(admin, observer, deps.stream.lag.secondsBehind),
    group: (id) => describeGroup(admin, observer, deps.stream.lag.secondsBehind, id),
  };
}
