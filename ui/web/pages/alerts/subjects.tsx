import { formatCount, formatTime } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { Empty } from "../../parts/states.tsx";
import { Badge, Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import type { Subject } from "./alert.ts";

const timeAt = (at: number): string => formatTime(new Date(at).toISOString(), new Date());

const COLUMNS: readonly Column<Subject>[] = [
  { id: "about", label: "Service or host", render: ({ about }) => about || "–", value: ({ about }) => about },
  {
    id: "state",
    label: "State",
    value: ({ isOpen }) => (isOpen ? 0 : 1),
    render: ({ isOpen, severity }) =>
      isOpen ? <Status value={severity} /> : <Badge tone="good">over</Badge>,
  },
  { id: "what", label: "What", wide: true, render: ({ what }) => what, value: ({ what }) => what },
  {
    id: "title",
    label: "Last alert",
    wide: true,
    render: ({ last }) => (
      <span class="last-error" title={last.title}>
        {last.title}
      </span>
    ),
  },
  {
    id: "since",
    label: "Since",
    wide: true,
    largestFirst: true,
    value: ({ since }) => since,
    render: ({ since }) => <span class="number">{timeAt(since)}</span>,
  },
  {
    id: "last",
    label: "Last",
    largestFirst: true,
    value: ({ last }) => last.at,
    render: ({ last }) => <span class="number">{timeAt(last.at)}</span>,
  },
  {
    id: "alerts",
    label: "Alerts",
    align: "end",
    largestFirst: true,
    value: ({ alerts }) => alerts,
    render: ({ alerts }) => formatCount(alerts),
  },
];

/** What is open stands first, unless the reader wants another order. Opening one shows its alerts alone. */
export function Subjects({ subjects }: { subjects: readonly Subject[] }) {
  const { href } = useUrlState();
  return (
    <Table
      label="Services and hosts with alerts"
      columns={COLUMNS}
      rows={subjects}
      keyOf={({ key }) => key}
      href={({ about, topic }) => href({ about, topic })}
      empty={
        <Empty title="Nothing is wrong.">
          No alert has been raised in this time. What is raised shows here at once.
        </Empty>
      }
    />
  );
}
