import type { ComponentChildren } from "preact";
import { withQuery } from "../../data/api.ts";
import { formatTime } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { Card } from "../../parts/card.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { type Suspect, suspects, type UserEvent } from "./events.ts";

const SHOWN = 5;

const COLUMNS: readonly Column<Suspect>[] = [
  { id: "user", label: "User", render: ({ user }) => user, value: ({ user }) => user },
  {
    id: "failures",
    label: "Failed",
    align: "end",
    largestFirst: true,
    render: ({ failures }) => failures,
    value: ({ failures }) => failures,
  },
  {
    id: "last",
    label: "Last",
    wide: true,
    render: ({ lastAt }) => formatTime(new Date(lastAt).toISOString(), new Date()),
    value: ({ lastAt }) => lastAt,
  },
  { id: "ips", label: "From", wide: true, render: ({ ips }) => ips.join(", ") },
  {
    id: "in",
    label: "Then",
    render: ({ isIn }) =>
      isIn ? <Badge tone="warn">logged in</Badge> : <span class="quiet">no success</span>,
  },
];

/** `chart`: failed logins over time. */
export function FailedLogins({ events, chart }: { events: readonly UserEvent[]; chart: ComponentChildren }) {
  const rows = suspects(events).slice(0, SHOWN);
  return (
    <Card title="Failed logins">
      {chart}
      {rows.length > 0 && (
        <Table
          label="Accounts with failed logins"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ user }) => user}
          sortParam="suspects"
          defaultSort="-failures"
          href={({ user }) =>
            withQuery(pagePath("topics", "user-events"), {
              tab: "browse",
              filter: `value.event_type == "login" && value.user_id == ${JSON.stringify(user)}`,
            })
          }
        />
      )}
    </Card>
  );
}
