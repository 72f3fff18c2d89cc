/** One row for each fault. */
import type { ComponentChildren } from "preact";
import { formatCount, formatTime } from "../../data/format.ts";
import { pagePath, useUrlState } from "../../data/location.ts";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import type { LetterGroup } from "./letter.ts";

/** What each kind of letter means, in a few words. */
const KINDS: Readonly<Record<string, string>> = {
  invalid: "The value is not what the topic's schema says",
  threw: "The function threw",
  failed: "The function named it as one that it cannot handle",
  refused: "What the function made of it was refused by Kafka",
};

const COLUMNS: readonly Column<LetterGroup>[] = [
  {
    id: "reason",
    label: "Reason",
    value: ({ newest }) => newest.reason,
    render: ({ newest }) => <span class="letter-reason">{newest.reason ?? "No reason is given"}</span>,
  },
  {
    id: "kind",
    label: "Fault",
    wide: true,
    value: ({ newest }) => newest.kind,
    render: ({ newest: { kind, error } }) => (
      <Badge tone={kind === "invalid" ? "warn" : "bad"} title={KINDS[kind ?? ""] ?? ""}>
        {error ?? kind ?? "unknown"}
      </Badge>
    ),
  },
  {
    id: "function",
    label: "Function",
    wide: true,
    value: ({ newest }) => newest.function,
    render: ({ newest: { function: name } }) =>
      name === null ? <span class="quiet">–</span> : <a href={pagePath("functions", name)}>{name}</a>,
  },
  {
    id: "topic",
    label: "From",
    wide: true,
    value: ({ newest }) => newest.origin?.topic ?? newest.message.topic,
    render: ({ newest: { origin, message } }) => (
      <a href={pagePath("topics", origin?.topic ?? message.topic)}>{origin?.topic ?? message.topic}</a>
    ),
  },
  {
    id: "count",
    label: "Letters",
    align: "end",
    largestFirst: true,
    value: ({ count }) => count,
    render: ({ count }) => formatCount(count),
  },
  {
    id: "first",
    label: "First",
    align: "end",
    wide: true,
    largestFirst: true,
    value: ({ firstAt }) => firstAt,
    render: ({ firstAt }) => formatTime(firstAt, new Date()),
  },
  {
    id: "last",
    label: "Last",
    align: "end",
    largestFirst: true,
    value: ({ lastAt }) => lastAt,
    render: ({ lastAt }) => formatTime(lastAt, new Date()),
  },
];

export function Groups({ groups, empty }: { groups: readonly LetterGroup[]; empty: ComponentChildren }) {
  const { query, set } = useUrlState();
  return (
    <Table
      label="Faults"
      columns={COLUMNS}
      rows={groups}
      keyOf={({ fingerprint }) => fingerprint}
      onOpen={({ fingerprint }) => set({ group: fingerprint, record: null }, { push: true })}
      selectedKey={query.group ?? null}
      defaultSort="-last"
      empty={empty}
    />
  );
}
