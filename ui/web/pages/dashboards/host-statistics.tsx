import { formatCount, formatShort } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { Card } from "../../parts/card.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { type MetricKind, type Series, type Statistics, statisticsOf } from "./metrics.ts";

interface Row extends Statistics {
  readonly host: string;
}

export interface HostStatisticsProps {
  readonly kind: MetricKind;
  readonly hosts: ReadonlyMap<string, Series>;
  readonly threshold: number | null;
}

/** A metric's numbers, host by host. */
export function HostStatistics({ kind, hosts, threshold }: HostStatisticsProps) {
  const { href } = useUrlState();
  const rows = [...hosts].flatMap(([host, series]): Row[] => {
    const statistics = statisticsOf(series, threshold);
    return statistics ? [{ host, ...statistics }] : [];
  });
  const number = (
    id: "last" | "min" | "mean" | "p95" | "max" | "stddev",
    label: string,
    wide: boolean,
  ): Column<Row> => ({
    id,
    label,
    align: "end",
    wide,
    largestFirst: true,
    render: (row) => formatShort(row[id]),
    value: (row) => row[id],
  });
  const columns: Column<Row>[] = [
    { id: "host", label: "Host", render: ({ host }) => host, value: ({ host }) => host },
    number("last", "Now", false),
    number("min", "Lowest", true),
    number("mean", "Mean", false),
    number("p95", "95 % below", true),
    number("max", "Highest", false),
    number("stddev", "Std. deviation", true),
    {
      id: "samples",
      label: "Samples",
      align: "end",
      wide: true,
      render: ({ samples }) => formatCount(samples),
      value: ({ samples }) => samples,
    },
    {
      id: "over",
      label: threshold === null ? "Over" : `Over ${formatShort(threshold)}`,
      align: "end",
      largestFirst: true,
      value: ({ over }) => over,
      render: ({ over }) =>
        over === null ? (
          "–"
        ) : over === 0 ? (
          <span class="quiet">0</span>
        ) : (
          <Badge tone="warn">{formatCount(over)}</Badge>
        ),
    },
  ];
  return (
    <Card title={`${kind.label} by host, ${kind.unit === "%" ? "percent" : "errors a sample"}`} flush>
      <Table
        label={`${kind.label} by host`}
        columns={columns}
        rows={rows}
        keyOf={({ host }) => host}
        href={({ host }) => href({ host })}
        defaultSort="host"
        empty={<p class="state quiet">No samples in this time.</p>}
      />
    </Card>
  );
}
