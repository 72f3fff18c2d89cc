/** How far behind each consumer group is, in records and in time. */
import { useEffect, useState } from "preact/hooks";
import { formatDuration, formatShort } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import { listen } from "../../data/stream.ts";
import type { Group, LagEvent } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";

export function Groups() {
  const groups = useResource<{ groups: Group[] }>("/api/groups", { everyMs: 10_000 });
  const live = useLag();
  const now = (group: Group) => live.get(group.id) ?? group;
  return (
    <Card title="Consumer groups" aside={<a href="/groups">All groups</a>} flush>
      <Loaded resource={groups} lines={4}>
        {(data) => (
          <Table
            label="Consumer groups and their lag"
            rows={data.groups}
            keyOf={({ id }) => id}
            href={({ id }) => pagePath("groups", id)}
            sortParam="groups"
            defaultSort="id"
            empty={<Empty title="There are no groups yet.">Each consumer makes one when it starts.</Empty>}
            columns={[
              { id: "id", label: "Group", value: ({ id }) => id, render: ({ id }) => id },
              {
                id: "state",
                label: "State",
                value: (group) => now(group).state,
                render: (group) => <Status value={now(group).state} />,
              },
              {
                id: "lag",
                label: "Lag",
                align: "end",
                largestFirst: true,
                value: (group) => now(group).lag,
                render: (group) => formatShort(now(group).lag),
              },
              {
                id: "seconds",
                label: "Behind",
                align: "end",
                largestFirst: true,
                value: (group) => now(group).lag_seconds ?? null,
                render: (group) => {
                  const seconds = now(group).lag_seconds;
                  return seconds == null ? <span class="quiet">–</span> : formatDuration(seconds * 1000);
                },
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** Each group as the last event told it. */
function useLag(): ReadonlyMap<string, LagEvent["groups"][number]> {
  const [lag, setLag] = useState<LagEvent | null>(null);
  useEffect(() => listen({ lag: true, onLag: setLag }), []);
  return new Map(lag?.groups.map((group) => [group.id, group]));
}
