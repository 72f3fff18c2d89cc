/** One group: state, lag over time, partitions, members; and moving it to other offsets. */
import { useState } from "preact/hooks";
import { apiPath } from "../../data/api.ts";
import { formatCount, formatDuration, plural } from "../../data/format.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, Group } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Page } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { LagChart } from "./lag-chart.tsx";
import { MembersTable } from "./members.tsx";
import { PartitionsTable } from "./partitions.tsx";
import { ResetDialog } from "./reset.tsx";
import { useLagPoints } from "./use-lag-points.ts";

export function GroupPage({ id }: { id: string }) {
  const path = apiPath("groups", id);
  const group = useResource<Group>(path, { everyMs: 3000 });
  const config = useResource<AppConfig>("/api/config");
  const points = useLagPoints(id);
  const [resetting, setResetting] = useState(false);
  const readOnly = config.data?.read_only ?? false;
  const now = points.at(-1);
  return (
    <Page
      title={id}
      parent={{ label: "Groups", href: "/groups" }}
      actions={
        <button
          type="button"
          class="button"
          disabled={readOnly || !group.data}
          title={readOnly ? "The platform is read-only" : undefined}
          onClick={() => setResetting(true)}
        >
          Reset offsets…
        </button>
      }
    >
      <Loaded resource={group} lines={8}>
        {(data) => (
          <div class="stack">
            <Tiles>
              <Tile label="State" value={<Status value={data.state} />}>
                {data.protocol || "no protocol"}
              </Tile>
              <Tile label="Members" value={data.members.length}>
                {data.members.length === 0 ? "Nobody reads for it at the moment" : "share its partitions"}
              </Tile>
              <Tile label="Lag" value={formatCount(now?.lag ?? data.lag)} unit="records" />
              <Tile label="Behind by" value={behind(now ? now.lagSeconds : data.lag_seconds)}>
                age of the oldest record not yet committed
              </Tile>
            </Tiles>
            <Card title="Lag over the last 15 minutes">
              <LagChart id={id} points={points} />
            </Card>
            <Card
              title="Partitions"
              aside={<span class="quiet">{plural(data.partitions.length, "partition")}</span>}
              flush
            >
              <PartitionsTable group={data} />
            </Card>
            <Card title="Members" flush>
              <MembersTable group={data} />
            </Card>
            {resetting && (
              <ResetDialog group={data} onClose={() => setResetting(false)} onDone={() => group.reload()} />
            )}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

const behind = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined ? "–" : formatDuration(seconds * 1000);
