import type { ComponentChildren } from "preact";
import { formatBytes, formatCount, formatRate, formatRetention } from "../../data/format.ts";
import { stats, topicRates } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import type { Topic } from "../../data/types.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { roleOf } from "./filter.ts";

/** The rate and count from second to second where the stream tells them. */
function live(topic: Topic): { rate: number; count: number } {
  const now = stats.value?.topics.find(({ name }) => name === topic.name);
  return { rate: now?.rate ?? topic.rate, count: now?.message_count ?? topic.message_count };
}

const orDash = <Value,>(value: Value | null | undefined, format: (value: Value) => string) =>
  value === null || value === undefined ? <span class="quiet">–</span> : format(value);

/** Partitions whose replicas are not all in sync. */
const outOfSync = ({ partition_details }: Topic): number =>
  partition_details.filter(({ isr, replicas }) => isr.length < replicas.length).length;

const ROLE_WORDS: Readonly<Record<string, string>> = {
  derived: "derived",
  dlq: "dead letters",
  internal: "internal",
};

const COLUMNS: readonly Column<Topic>[] = [
  {
    id: "name",
    label: "Topic",
    value: ({ name }) => name,
    render: (topic) => <span class="topic-name">{topic.name}</span>,
  },
  {
    id: "role",
    label: "Role",
    wide: true,
    value: roleOf,
    render: (topic) => {
      if (topic.unreadable) return <Badge tone="warn">not readable</Badge>;
      const word = ROLE_WORDS[roleOf(topic)];
      return word ? <Badge>{word}</Badge> : <span class="quiet">{roleOf(topic)}</span>;
    },
  },
  {
    id: "partitions",
    label: "Partitions",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ partitions }) => partitions,
    render: ({ partitions }) => partitions,
  },
  {
    id: "replicas",
    label: "Replicas",
    align: "end",
    wide: true,
    value: (topic) => topic.replication_factor,
    render: (topic) =>
      outOfSync(topic) > 0 ? (
        <Badge tone="warn">{`${topic.replication_factor}, ${outOfSync(topic)} out of sync`}</Badge>
      ) : (
        topic.replication_factor
      ),
  },
  {
    id: "records",
    label: "Records",
    align: "end",
    largestFirst: true,
    value: (topic) => topic.message_count,
    render: (topic) => formatCount(live(topic).count),
  },
  {
    id: "size",
    label: "Size",
    align: "end",
    wide: true,
    largestFirst: true,
    value: (topic) => topic.size_bytes ?? null,
    render: (topic) => orDash(topic.size_bytes, formatBytes),
  },
  {
    id: "retention",
    label: "Retention",
    align: "end",
    wide: true,
    largestFirst: true,
    value: (topic) => {
      const ms = topic.retention_ms ?? null;
      return ms === -1 ? Number.POSITIVE_INFINITY : ms;
    },
    render: (topic) => orDash(topic.retention_ms, formatRetention),
  },
  {
    id: "rate",
    label: "Records/s",
    align: "end",
    largestFirst: true,
    value: (topic) => live(topic).rate,
    render: (topic) => formatRate(live(topic).rate),
  },
  {
    id: "trend",
    label: "Last minute",
    wide: true,
    render: ({ name }) => (
      <Sparkline
        series={topicRates.value.get(name) ?? []}
        label={`Records a second written to ${name}`}
        format={formatRate}
      />
    ),
  },
];

export function TopicsTable({ topics, empty }: { topics: readonly Topic[]; empty: ComponentChildren }) {
  return (
    <Table
      label="Topics"
      columns={COLUMNS}
      rows={topics}
      keyOf={({ name }) => name}
      href={({ name }) => pagePath("topics", name)}
      defaultSort="name"
      empty={empty}
    />
  );
}
