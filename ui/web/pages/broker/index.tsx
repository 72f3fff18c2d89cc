/** The Kafka cluster: its brokers, how they are set, and what the logs take. */
import { formatBytes, formatCount, plural } from "../../data/format.ts";
import { pagePath, useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, ConfigEntry } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { TextField } from "../../parts/field.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { filterConfig, type LogDir, sizesByTopic, type TopicSize } from "./cluster.ts";

interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

interface Cluster {
  readonly cluster_id: string | null;
  readonly controller_id: number | null;
  readonly brokers: readonly Broker[];
  readonly config: readonly ConfigEntry[];
  readonly log_dirs: readonly LogDir[];
  readonly log_dirs_problem: string | null;
}

const BROKERS: readonly Column<Broker & { controller: boolean }>[] = [
  { id: "id", label: "Broker", value: ({ id }) => id, render: ({ id }) => id },
  {
    id: "address",
    label: "Address",
    render: ({ host, port }) => <span class="mono">{`${host}:${port}`}</span>,
  },
  { id: "rack", label: "Rack", wide: true, render: ({ rack }) => rack ?? "–" },
  {
    id: "role",
    label: "Role",
    render: ({ controller }) => (controller ? <Badge tone="info">controller</Badge> : ""),
  },
];

const SIZES: readonly Column<TopicSize>[] = [
  { id: "topic", label: "Topic", value: ({ topic }) => topic, render: ({ topic }) => topic },
  {
    id: "logs",
    label: "Logs",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ logs }) => logs,
    render: ({ logs }) => formatCount(logs),
  },
  {
    id: "largest",
    label: "Largest",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ largestBytes }) => largestBytes,
    render: ({ largestBytes }) => formatBytes(largestBytes),
  },
  {
    id: "size",
    label: "Size",
    align: "end",
    largestFirst: true,
    value: ({ bytes }) => bytes,
    render: ({ bytes }) => formatBytes(bytes),
  },
];

const CONFIG: readonly Column<ConfigEntry>[] = [
  {
    id: "name",
    label: "Setting",
    value: ({ name }) => name,
    render: ({ name }) => <span class="mono">{name}</span>,
  },
  {
    id: "value",
    label: "Value",
    render: ({ value, is_sensitive }) => (
      <span class="mono">{is_sensitive ? "hidden" : value === null || value === "" ? "–" : value}</span>
    ),
  },
  {
    id: "source",
    label: "Set",
    wide: true,
    value: ({ is_default }) => (is_default ? "default" : "set"),
    render: ({ is_default }) =>
      is_default ? <span class="quiet">default</span> : <Badge tone="info">set</Badge>,
  },
];

export default function BrokerPage() {
  const cluster = useResource<Cluster>("/api/brokers", { everyMs: 10_000 });
  const app = useResource<AppConfig>("/api/config");
  const { query, set } = useUrlState();
  return (
    <Page title="Broker" lead="The Kafka cluster that all of this runs on.">
      <Loaded resource={cluster} lines={8}>
        {(data) => {
          const sizes = sizesByTopic(data.log_dirs);
          const config = filterConfig(data.config, query.q ?? "");
          return (
            <div class="stack">
              <Tiles>
                <Tile label="Brokers" value={data.brokers.length}>
                  {app.data && (app.data.embedded ? "The embedded broker" : "A cluster of its own")}
                </Tile>
                <Tile label="Logs" value={data.log_dirs_problem ? "–" : formatBytes(total(sizes))}>
                  {data.log_dirs_problem ?? plural(data.log_dirs.length, "log")}
                </Tile>
                <Tile label="Cluster" value={<span class="mono cluster-id">{data.cluster_id ?? "–"}</span>} />
              </Tiles>
              <Card title="Brokers" flush>
                <Table
                  label="Brokers"
                  columns={BROKERS}
                  rows={data.brokers.map((broker) => ({
                    ...broker,
                    controller: broker.id === data.controller_id,
                  }))}
                  keyOf={({ id }) => String(id)}
                  sortParam="brokers"
                  defaultSort="id"
                  empty={<Empty title="No broker is known." />}
                />
              </Card>
              <Card title="Log sizes" flush>
                <Table
                  label="Log sizes by topic"
                  columns={SIZES}
                  rows={sizes}
                  keyOf={({ topic }) => topic}
                  href={({ topic }) => pagePath("topics", topic)}
                  sortParam="sizes"
                  defaultSort="-size"
                  empty={<Empty title={data.log_dirs_problem ?? "There are no logs yet."} />}
                />
              </Card>
              <Card
                title="Configuration"
                flush
                aside={
                  <search class="filters">
                    <TextField
                      label="Filter settings"
                      hideLabel
                      type="search"
                      placeholder="Filter by name or value"
                      value={query.q ?? ""}
                      onInput={(q) => set({ q })}
                    />
                  </search>
                }
              >
                <Table
                  label="Configuration"
                  columns={CONFIG}
                  rows={config}
                  keyOf={({ name }) => name}
                  sortParam="config"
                  defaultSort="name"
                  empty={<Empty title="No setting matches." />}
                />
              </Card>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

const total = (sizes: readonly TopicSize[]): number => sizes.reduce((sum, { bytes }) => sum + bytes, 0);
