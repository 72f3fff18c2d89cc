import type { Group } from "../../data/types.ts";
import { Empty } from "../../parts/states.tsx";
import { type Column, Table } from "../../parts/table.tsx";

type Member = Group["members"][number];

const COLUMNS: readonly Column<Member>[] = [
  {
    id: "client",
    label: "Client",
    value: (member) => member.client_id,
    render: (member) => member.client_id,
  },
  {
    id: "assignment",
    label: "Assignment",
    render: ({ assignment }) =>
      assignment.length === 0
        ? "none: there are more members than partitions"
        : assignment.map(({ topic, partitions }) => `${topic}: ${partitions.join(", ")}`).join("; "),
  },
  { id: "host", label: "Host", wide: true, render: ({ host }) => host },
  { id: "id", label: "Member id", wide: true, render: ({ id }) => <span class="mono">{id}</span> },
];

export function MembersTable({ group }: { group: Group }) {
  return (
    <Table
      label={`Members of ${group.id}`}
      columns={COLUMNS}
      rows={group.members}
      keyOf={({ id }) => id}
      defaultSort="client"
      sortParam="members"
      empty={<Empty title="It has no members at the moment.">Its committed offsets are kept.</Empty>}
    />
  );
}
