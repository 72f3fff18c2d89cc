/** All consumer groups: who is behind, and by how much. */
import { useEffect, useState } from "preact/hooks";
import { formatCount, formatDuration } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import { extend, type Series } from "../../data/series.ts";
import { listen } from "../../data/stream.ts";
import type { Group, LagEvent } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Page } from "../../parts/page.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";

/** Two minutes at an event every 2 s. */
const POINTS = 60;

interface Row {
  readonly group: Group;
  readonly lag: number;
  readonly lagSeconds: number | null;
  readonly series: Series;
}

const topicsOf = ({ partitions }: Group): string => [...new Set(partitions.map((p) => p.topic))].join(", ");

const COLUMNS: readonly Column<Row>[] = [
  { id: "id", label: "Group", value: ({ group }) => group.id, render: ({ group }) => group.id },
  {
    id: "state",
    label: "State",
    value: ({ group }) => group.state,
    render: ({ group }) => <Status value={group.state} />,
  },
  {
    id: "members",
    label: "Members",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ group }) => group.members.length,
    render: ({ group }) => group.members.length,
  },
  { id: "topics", label: "Topics", wide: true, render: ({ group }) => topicsOf(group) || "–" },
  {
    id: "seconds",
    label: "Behind by",
    align: "end",
    largestFirst: true,
    value: ({ lagSeconds }) => lagSeconds,
    render: ({ lagSeconds }) => (lagSeconds === null ? "–" : formatDuration(lagSeconds * 1000)),
  },
  {
    id: "lag",
    label: "Lag",
    align: "end",
    largestFirst: true,
    value: ({ lag }) => lag,
    render: ({ lag }) => formatCount(lag),
  },
  {
    id: "trend",
    label: "Last 2 min",
    wide: true,
    render: ({ group, series }) => (
      <Sparkline series={series} label={`Lag of ${group.id}`} format={formatCount} />
    ),
  },
];

/** The newest lag event, and each group's lag since the page was opened. */
function useLag(): { readonly event: LagEvent | null; readonly series: ReadonlyMap<string, Series> } {
  const [lag, setLag] = useState<{ event: LagEvent | null; series: ReadonlyMap<string, Series> }>({
    event: null,
    series: new Map(),
  });
  useEffect(
    () =>
      listen({
        lag: true,
        onLag(event) {
          const at = Date.now();
          setLag(({ series }) => ({
            event,
            series: new Map(
              event.groups.map((group) => [
                group.id,
                extend(series.get(group.id) ?? [], at, group.lag, POINTS),
              ]),
            ),
          }));
        },
      }),
    [],
  );
  return lag;
}

export function GroupsList() {
  const groups = useResource<{ groups: Group[] }>("/api/groups", { everyMs: 5000 });
  const { event, series } = useLag();
  const toRow = (group: Group): Row => {
    const now = event?.groups.find(({ id }) => id === group.id);
    return {
      group,
      lag: now?.lag ?? group.lag,
      lagSeconds: now ? now.lag_seconds : (group.lag_seconds ?? null),
      series: series.get(group.id) ?? [],
    };
  };
  return (
    <Page
      title="Groups"
      lead="Who reads what, and how far behind: in records, and in the age of the oldest one waiting."
    >
      <Card flush>
        <Loaded resource={groups} lines={4}>
          {(data) => (
            <Table
              label="Consumer groups"
              columns={COLUMNS}
              rows={data.groups.map(toRow)}
              keyOf={({ group }) => group.id}
              href={({ group }) => pagePath("groups", group.id)}
              defaultSort="-lag"
              empty={<Empty title="There are no consumer groups.">One appears when a consumer starts.</Empty>}
            />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
