/** How a topic is kept: its configuration, its partitions, who writes and reads it. */

import { apiPath } from "../../data/api.ts";
import { formatBytes, formatCount, formatRetention } from "../../data/format.ts";
import { pagePath, useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { ConfigEntry, Group, TopicDetails, TopicPartition } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { TextField } from "../../parts/field.tsx";
import { Empty } from "../../parts/states.tsx";
import { Badge, Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";

const CONFIG: readonly Column<ConfigEntry>[] = [
  { id: "name", label: "Setting", value: ({ name }) => name, render: ({ name }) => <code>{name}</code> },
  { id: "value", label: "Value", render: (entry) => <ConfigValue entry={entry} /> },
  {
    id: "origin",
    label: "From",
    value: ({ is_default }) => (is_default ? 1 : 0),
    render: ({ is_default }) => (is_default ? <span class="quiet">default</span> : <Badge>set here</Badge>),
  },
];

/** Beyond this Kafka means: none. 2^53 is enough to tell, as no one sets a limit between. */
const LONGEST = Number.MAX_SAFE_INTEGER;

function ConfigValue({ entry: { name, value } }: { entry: ConfigEntry }) {
  if (value === null || value === "") return <span class="quiet">{value === null ? "secret" : "empty"}</span>;
  const number = Number(value);
  const says =
    number > LONGEST
      ? "no limit"
      : name.endsWith(".ms") && Number.isFinite(number)
        ? formatRetention(number)
        : name.endsWith(".bytes") && Number.isFinite(number) && number >= 1000
          ? formatBytes(number)
          : null;
  return (
    <>
      <span class="mono">{value}</span> {says && <span class="quiet">{says}</span>}
    </>
  );
}

export function Configuration({ topic }: { topic: TopicDetails }) {
  const { query, set } = useUrlState();
  const q = (query.setting ?? "").toLowerCase();
  const rows = topic.config.filter(
    ({ name, value }) => name.includes(q) || (value ?? "").toLowerCase().includes(q),
  );
  return (
    <Card
      flush
      aside={
        <search class="filters">
          <TextField
            label="Filter settings"
            hideLabel
            type="search"
            placeholder="Filter by name or value"
            value={query.setting ?? ""}
            onInput={(text) => set({ setting: text })}
          />
        </search>
      }
    >
      <Table
        label={`Configuration of ${topic.name}`}
        columns={CONFIG}
        rows={rows}
        keyOf={({ name }) => name}
        defaultSort="origin"
        empty={<Empty title={q === "" ? "The broker tells no configuration." : "No setting matches."} />}
      />
    </Card>
  );
}

const countOf = ({ start_offset, end_offset }: TopicPartition): number =>
  Number(BigInt(end_offset) - BigInt(start_offset));

const PARTITIONS: readonly Column<TopicPartition>[] = [
  {
    id: "partition",
    label: "Partition",
    value: ({ partition }) => partition,
    render: ({ partition }) => partition,
  },
  {
    id: "leader",
    label: "Leader",
    align: "end",
    render: ({ leader }) => (leader < 0 ? <Badge tone="bad">none</Badge> : leader),
  },
  {
    id: "replicas",
    label: "Replicas",
    align: "end",
    wide: true,
    render: ({ replicas, isr }) =>
      isr.length < replicas.length ? (
        <Badge tone="warn">{`${isr.length} of ${replicas.length} in sync`}</Badge>
      ) : (
        replicas.join(", ")
      ),
  },
  {
    id: "start",
    label: "First offset",
    align: "end",
    wide: true,
    render: ({ start_offset }) => start_offset,
  },
  { id: "end", label: "End offset", align: "end", render: ({ end_offset }) => end_offset },
  {
    id: "records",
    label: "Records",
    align: "end",
    largestFirst: true,
    value: countOf,
    render: (partition) => formatCount(countOf(partition)),
  },
  {
    id: "size",
    label: "Size",
    align: "end",
    largestFirst: true,
    value: ({ size_bytes }) => size_bytes ?? null,
    render: ({ size_bytes }) => (size_bytes == null ? <span class="quiet">–</span> : formatBytes(size_bytes)),
  },
];

export function Partitions({ topic }: { topic: TopicDetails }) {
  return (
    <Card flush>
      <Table
        label={`Partitions of ${topic.name}`}
        columns={PARTITIONS}
        rows={topic.partition_details}
        keyOf={({ partition }) => String(partition)}
        href={({ partition }) => `${pagePath("topics", topic.name)}?tab=browse&partitions=${partition}`}
        defaultSort="partition"
      />
    </Card>
  );
}

type Consumer = TopicDetails["consumers"][number];

const CONSUMERS: readonly Column<Consumer>[] = [
  { id: "group", label: "Group", value: ({ group }) => group, render: ({ group }) => group },
  {
    id: "function",
    label: "Function",
    render: ({ function: name }) =>
      name === null ? <span class="quiet">–</span> : <a href={pagePath("functions", name)}>{name}</a>,
  },
  { id: "state", label: "State", render: ({ group }) => <GroupState group={group} /> },
];

function GroupState({ group }: { group: string }) {
  const { data } = useResource<Group>(apiPath("groups", group), { everyMs: 5000 });
  return data ? (
    <>
      <Status value={data.state} /> <span class="quiet">lag {formatCount(data.lag)}</span>
    </>
  ) : (
    <span class="quiet">–</span>
  );
}

export function Consumers({ topic }: { topic: TopicDetails }) {
  return (
    <div class="stack">
      <Card title="Read by" flush>
        <Table
          label={`Who reads ${topic.name}`}
          columns={CONSUMERS}
          rows={topic.consumers}
          keyOf={({ group }) => group}
          href={({ group }) => pagePath("groups", group)}
          empty={<Empty title="No function reads it." />}
        />
      </Card>
      <Card title="Written by">
        {topic.producers.length === 0 ? (
          <p class="quiet">No function writes it.</p>
        ) : (
          <ul class="actions">
            {topic.producers.map((name) => (
              <li key={name}>
                <a href={pagePath("functions", name)}>{name}</a>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}
