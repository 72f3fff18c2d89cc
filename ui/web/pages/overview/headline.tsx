/** Four numbers: records in, records out, records behind, what is wrong. */
import { formatRate, formatShort, plural } from "../../data/format.ts";
import { stats, throughput, totalLag } from "../../data/live.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { verdict } from "./verdict.ts";

const DASH = "–";

export function Headline({ functions }: { functions: readonly FunctionInfo[] }) {
  const now = stats.value;
  const states = now?.functions ?? functions;
  const lag = states.some((fn) => fn.lag !== null)
    ? states.reduce((sum, fn) => sum + (fn.lag ?? 0), 0)
    : null;
  const health = verdict(now, functions);
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
    </Tiles>
  );
}
