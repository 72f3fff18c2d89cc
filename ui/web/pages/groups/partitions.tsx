import { formatCount, formatDuration } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import type { Group, GroupPartition } from "../../data/types.ts";
import { Empty } from "../../parts/states.tsx";
import { type Column, Table } from "../../parts/table.tsx";

type Row = GroupPartition & { readonly client: string | null };

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "partition",
    label: "Partition",
    value: ({ topic, partition }) => `${topic}/${String(partition).padStart(6, "0")}`,
    render: ({ topic, partition }) => `${topic}/${partition}`,
  },
  {
    id: "member",
    label: "Read by",
    wide: true,
    value: ({ client }) => client,
    render: ({ client }) => client ?? <span class="quiet">nobody</span>,
  },
  {
    id: "committed",
    label: "Committed",
    align: "end",
    wide: true,
    render: ({ committed_offset }) => <span class="number">{committed_offset ?? "nothing yet"}</span>,
  },
  {
    id: "end",
    label: "End",
    align: "end",
    wide: true,
    render: ({ end_offset }) => <span class="number">{end_offset}</span>,
  },
  {
    id: "seconds",
    label: "Behind by",
    align: "end",
    largestFirst: true,
    value: ({ lag_seconds }) => lag_seconds ?? null,
    render: ({ lag_seconds }) =>
      lag_seconds === null || lag_seconds === undefined ? "–" : formatDuration(lag_seconds * 1000),
  },
  {
    id: "lag",
    label: "Lag",
    align: "end",
    largestFirst: true,
    value: ({ lag }) => lag,
    render: ({ lag }) => formatCount(lag),
  },
];

/** Each leads to the record that the group reads next. */
const nextRecord = ({ topic, partition, committed_offset }: GroupPartition): string => {
  const place = new URLSearchParams({
    tab: "browse",
    mode: "from_offset",
    partitions: String(partition),
    offset: committed_offset ?? "0",
  });
  return `${pagePath("topics", topic)}?${place}`;
};

export function PartitionsTable({ group }: { group: Group }) {
  const rows = group.partitions.map((partition) => ({
    ...partition,
    client: group.members.find(({ id }) => id === partition.member_id)?.client_id ?? null,
  }));
  return (
    <Table
      label={`Partitions of ${group.id}`}
      columns={COLUMNS}
      rows={rows}
      keyOf={({ topic, partition }) => `${topic}/${partition}`}
      href={nextRecord}
      defaultSort="partition"
      sortParam="partitions"
      empty={<Empty title="It has committed nothing, and nothing is assigned to it." />}
    />
  );
}
