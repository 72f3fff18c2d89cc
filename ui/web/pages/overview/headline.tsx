/** Five facts: whether all is well, records in and out, records behind, alerts. */
import { formatRate, formatShort, plural } from "../../data/format.ts";
import { stats, throughput, totalLag } from "../../data/live.ts";
import type { Message } from "../../data/message.ts";
import { connection } from "../../data/stream.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { countSince } from "./alert-summary.ts";
import { ALERTS_LOADED } from "./use-alerts.ts";
import { verdict } from "./verdict.ts";

const DASH = "–";

const HOUR_MS = 3_600_000;

export interface HeadlineProps {
  readonly functions: readonly FunctionInfo[];
  readonly alerts: readonly Message[] | null;
}

export function Headline({ functions, alerts }: HeadlineProps) {
  const lost = connection.value.state === "lost";
  // What was true before is not shown as if it were now.
  const now = lost ? null : stats.value;
  const states = now?.functions ?? functions;
  const lag =
    !lost && states.some((fn) => fn.lag !== null) ? states.reduce((sum, fn) => sum + (fn.lag ?? 0), 0) : null;
  const health = verdict(now, functions, lost);
  return (
    <Tiles>
      <Tile label="Health" value={health.word} tone={health.tone} href={health.href}>
        {health.text}
      </Tile>
      <Tile label="Records in" value={now ? formatRate(now.rate_in) : DASH} unit="/s" href="/topics">
        <Sparkline
          series={throughput.value.in}
          label="Records a second read by functions"
          format={formatRate}
        />
      </Tile>
      <Tile label="Records out" value={now ? formatRate(now.rate_out) : DASH} unit="/s" href="/functions">
        <Sparkline
          series={throughput.value.out}
          label="Records a second written by functions"
          format={formatRate}
        />
      </Tile>
      <Tile
        label="Lag"
        value={lag === null ? DASH : formatShort(lag)}
        unit={lag === 1 ? "record" : "records"}
        href="/groups"
      >
        <Sparkline
          series={totalLag.value}
          label="Records that functions have not processed yet"
          format={(value) => plural(value, "record")}
          tone="warn"
        />
      </Tile>
      <AlertsTile alerts={alerts} />
    </Tiles>
  );
}

function AlertsTile({ alerts }: { alerts: readonly Message[] | null }) {
  const count = alerts === null ? null : countSince(alerts, Date.now() - HOUR_MS);
  const shown = count === null ? DASH : count >= ALERTS_LOADED ? `${ALERTS_LOADED}+` : String(count);
  return (
    <Tile label="Alerts" value={shown} tone={count ? "warn" : "neutral"} href="/alerts">
      {count === 0 ? "None in the last hour" : "In the last hour"}
    </Tile>
  );
}
