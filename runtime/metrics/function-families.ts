/** How each function does, from the counters that the API shows as well. */
import type { KafkaTrigger, PartitionProgress } from "../kafka-trigger.ts";
import type { FunctionStatus } from "../status.ts";
import type { Family, Sample } from "./family.ts";

export interface FunctionFamiliesDeps {
  readonly statuses: ReadonlyMap<string, FunctionStatus>;
  /** Those of the consumers that were started. */
  readonly triggers: ReadonlyMap<string, KafkaTrigger>;
  /** The age in seconds of the record at an offset; null where it is not known (yet). */
  secondsBehind(topic: string, partition: number, offset: bigint): number | null;
}

const STATES: readonly FunctionStatus["state"][] = ["stopped", "starting", "running", "waiting", "failing"];
const FUNCTION = ["function"];
const PARTITION = ["function", "topic", "partition"];

interface Owned extends PartitionProgress {
  readonly function: string;
  readonly topic: string;
}

export function functionFamilies({
  statuses,
  triggers,
  secondsBehind,
}: FunctionFamiliesDeps): readonly Family[] {
  const family = (
    type: Family["type"],
    name: string,
    help: string,
    labels: readonly string[],
    read: () => readonly Sample[],
  ): Family => ({ type, name: `ksp_function_${name}`, help, labels, read });

  const perFunction = (value: (status: FunctionStatus) => number | null) => (): readonly Sample[] =>
    [...statuses.values()].flatMap((status) => {
      const known = value(status);
      return known === null ? [] : [{ labels: { function: status.fn.name }, value: known }];
    });
  const counter = (name: string, help: string, value: (status: FunctionStatus) => number): Family =>
    family("counter", name, help, FUNCTION, perFunction(value));
  const ofTrigger = (value: (trigger: KafkaTrigger) => number) =>
    perFunction(({ fn }) => {
      const trigger = triggers.get(fn.name);
      return trigger ? value(trigger) : null;
    });

  const owned = (): readonly Owned[] =>
    [...triggers].flatMap(([name, trigger]) => {
      const { definition } = statuses.get(name)!.fn;
      if (definition.kind !== "consumer") return [];
      return trigger.partitions().map((one) => ({ ...one, function: name, topic: definition.topic.name }));
    });
  const perPartition = (value: (one: Owned) => number | null) => (): readonly Sample[] =>
    owned().flatMap((one) => {
      const known = value(one);
      const { function: name, topic, partition } = one;
      return known === null ? [] : [{ labels: { function: name, topic, partition }, value: known }];
    });

  return [
    family(
      "gauge",
      "info",
      "What the function is; 1",
      ["function", "kind", "topic", "group", "code_hash"],
      () =>
        [...statuses.values()].map(({ fn: { name, definition, codeHash } }) => {
          const [topic, group] =
            definition.kind === "consumer" ? [definition.topic.name, definition.group] : ["", ""];
          return {
            labels: { function: name, kind: definition.kind, topic, group, code_hash: codeHash },
            value: 1,
          };
        }),
    ),
    family("gauge", "status", "1 for the status that the function has", ["function", "status"], () =>
      [...statuses.values()].flatMap(({ fn, state }) =>
        STATES.map((status) => ({ labels: { function: fn.name, status }, value: Number(status === state) })),
      ),
    ),
    family(
      "counter",
      "invocations_total",
      "Calls of the handler, those included that look for a bad record",
      ["function", "result"],
      () =>
        [...statuses.values()].flatMap(({ fn, invocations }) =>
          Object.entries(invocations).map(([result, value]) => ({
            labels: { function: fn.name, result },
            value,
          })),
        ),
    ),
    counter("records_in_total", "Records handled", (status) => status.recordsIn),
    counter("records_out_total", "Records written and acknowledged", (status) => status.recordsOut),
    counter("dead_letters_total", "Records set aside to the dead letter queue", (s) => s.deadLetters),
    family(
      "counter",
      "retries_total",
      "Tries that failed and were repeated: to write outputs (send), to finish a batch (batch)",
      ["function", "of"],
      () =>
        [...statuses.values()].flatMap(({ fn, retries }) =>
          Object.entries(retries).map(([of, value]) => ({ labels: { function: fn.name, of }, value })),
        ),
    ),
    counter("impure_total", "Times that the handler was found impure", (status) => status.impure),
    counter("restarts_total", "Times that the consumer's client was replaced", (status) => status.restarts),
    counter("rebalances_total", "Rebalances of the function's group", (status) => status.rebalances),
    family(
      "gauge",
      "last_invocation_timestamp_seconds",
      "When the handler was last called",
      FUNCTION,
      perFunction(({ lastInvocationAt }) => (lastInvocationAt === null ? null : lastInvocationAt / 1000)),
    ),
    family(
      "gauge",
      "state_keys",
      "State entries of the assigned partitions",
      FUNCTION,
      ofTrigger((t) => t.stateKeys()),
    ),
    family(
      "gauge",
      "state_bytes",
      "Size of the state as JSON, estimated from up to 100 entries of each partition",
      FUNCTION,
      ofTrigger((trigger) => trigger.partitions().reduce((sum, { stateBytes }) => sum + stateBytes, 0)),
    ),
    family(
      "gauge",
      "queued_records",
      "Records fetched and not handled yet",
      PARTITION,
      perPartition(({ queuedRecords }) => queuedRecords),
    ),
    family(
      "gauge",
      "lag_records",
      "Records of an assigned partition that are not handled yet; left out while it is not known",
      PARTITION,
      perPartition(({ position, end }) =>
        position === null || end === null ? null : Math.max(0, Number(end - position)),
      ),
    ),
    family(
      "gauge",
      "lag_seconds",
      "Age of the oldest record that is not handled yet; left out while it is not known",
      PARTITION,
      perPartition(({ topic, partition, position, end }) => {
        if (position === null || end === null) return null;
        return position >= end ? 0 : secondsBehind(topic, partition, position);
      }),
    ),
  ];
}
