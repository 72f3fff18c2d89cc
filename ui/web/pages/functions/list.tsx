/** All functions: the graph of what flows through them, and how each does. */
import { formatCount, formatDuration, formatRate } from "../../data/format.ts";
import { stats } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { FunctionInfo, StatsEvent } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Badge, Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { FlowGraph } from "./graph.tsx";

interface Row {
  readonly fn: FunctionInfo;
  /** Null before the first stats. */
  readonly live: StatsEvent["functions"][number] | null;
}

const failuresOf = ({ fn, live }: Row): number => {
  const { error, invalid } = (live ?? fn).invocations;
  return error + invalid;
};

const rateColumn = (id: string, label: string, of: (row: Row) => number | null): Column<Row> => ({
  id,
  label,
  align: "end",
  wide: true,
  largestFirst: true,
  value: of,
  render: (row) => {
    const rate = of(row);
    return rate === null ? "–" : formatRate(rate);
  },
});

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", label: "Function", value: ({ fn }) => fn.name, render: ({ fn }) => fn.name },
  {
    id: "kind",
    label: "Kind",
    wide: true,
    value: ({ fn }) => fn.kind,
    render: ({ fn }) => fn.kind,
  },
  {
    id: "status",
    label: "Status",
    value: ({ fn, live }) => (live ?? fn).status,
    render: ({ fn, live }) => {
      const { status, reason } = live ?? fn;
      return <Status value={status} title={reason} />;
    },
  },
  rateColumn("in", "In /s", ({ fn, live }) => (fn.kind === "consumer" ? (live?.rate_in ?? null) : null)),
  rateColumn("out", "Out /s", ({ live }) => live?.rate_out ?? null),
  {
    id: "duration",
    label: "Mean time",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ fn, live }) => (live ?? fn).mean_duration_ms,
    render: ({ fn, live }) => {
      const ms = (live ?? fn).mean_duration_ms;
      return ms === null ? "–" : formatDuration(ms);
    },
  },
  {
    id: "failures",
    label: "Failures",
    align: "end",
    wide: true,
    largestFirst: true,
    value: failuresOf,
    render: (row) => {
      const failures = failuresOf(row);
      return failures > 0 ? <Badge tone="bad">{formatCount(failures)}</Badge> : "0";
    },
  },
  {
    id: "letters",
    label: "Dead letters",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ fn, live }) => (live ?? fn).dead_letters,
    render: ({ fn, live }) => formatCount((live ?? fn).dead_letters),
  },
  {
    id: "lag",
    label: "Lag",
    align: "end",
    largestFirst: true,
    value: ({ fn, live }) => (live ?? fn).lag,
    render: ({ fn, live }) => {
      const { lag } = live ?? fn;
      return lag === null ? "–" : formatCount(lag);
    },
  },
];

export function FunctionsList() {
  const functions = useResource<{ functions: FunctionInfo[] }>("/api/functions", { everyMs: 5000 });
  const live = new Map(stats.value?.functions.map((one) => [one.name, one]));
  return (
    <Page
      title="Functions"
      lead="Producers make records of a clock's ticks, consumers make records of records. Each is a pure function: what went in and what came out is kept, and can be run again."
    >
      <Loaded resource={functions} lines={12}>
        {(data) =>
          data.functions.length === 0 ? (
            <Empty title="There are no functions yet.">
              Put one into functions/produce or functions/consume.
            </Empty>
          ) : (
            <div class="stack">
              <Card title="What flows where" aside={<span class="quiet">records a second</span>}>
                <FlowGraph functions={data.functions} />
              </Card>
              <Card title="All functions" flush>
                <Table
                  label="Functions and how they do"
                  columns={COLUMNS}
                  rows={data.functions.map((fn): Row => ({ fn, live: live.get(fn.name) ?? null }))}
                  keyOf={({ fn }) => fn.name}
                  href={({ fn }) => pagePath("functions", fn.name)}
                  defaultSort="name"
                />
              </Card>
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
