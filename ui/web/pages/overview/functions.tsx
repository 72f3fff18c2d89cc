/** Each function's state and work. */
import { formatRate, formatShort } from "../../data/format.ts";
import { stats } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import type { useResource } from "../../data/resource.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";

export function Functions({
  resource,
}: {
  resource: ReturnType<typeof useResource<{ functions: FunctionInfo[] }>>;
}) {
  const live = new Map(stats.value?.functions.map((fn) => [fn.name, fn]));
  return (
    <Card title="Functions" aside={<a href="/functions">All functions</a>} flush>
      <Loaded resource={resource} lines={6}>
        {({ functions }) => (
          <Table
            label="Functions and how they do"
            rows={functions}
            keyOf={({ name }) => name}
            href={({ name }) => pagePath("functions", name)}
            sortParam="functions"
            defaultSort="name"
            empty={
              <Empty title="There are no functions yet.">
                Put one into functions/produce or functions/consume.
              </Empty>
            }
            columns={[
              { id: "name", label: "Function", value: ({ name }) => name, render: ({ name }) => name },
              {
                id: "status",
                label: "Status",
                value: (fn) => live.get(fn.name)?.status ?? fn.status,
                render: (fn) => {
                  const { status, reason } = live.get(fn.name) ?? fn;
                  return <Status value={status} title={reason} />;
                },
              },
              {
                id: "rate",
                label: "In → out /s",
                align: "end",
                wide: true,
                render: (fn) => {
                  const now = live.get(fn.name);
                  return now ? `${formatRate(now.rate_in)} → ${formatRate(now.rate_out)}` : "–";
                },
              },
              {
                id: "lag",
                label: "Lag",
                align: "end",
                largestFirst: true,
                value: (fn) => live.get(fn.name)?.lag ?? fn.lag,
                render: (fn) => {
                  const lag = live.get(fn.name)?.lag ?? fn.lag;
                  return lag === null ? <span class="quiet">–</span> : formatShort(lag);
                },
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
