/** A function's numbers, as they are now. */
import { useEffect, useState } from "preact/hooks";
import { formatCount, formatDuration, formatRate, formatShort, plural } from "../../data/format.ts";
import { stats } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import { extend, type Series } from "../../data/series.ts";
import { listen } from "../../data/stream.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Badge, Status } from "../../parts/status.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";

/** Two minutes at an event a second. */
const POINTS = 120;

/** What the function reads and writes, records a second, since the page was opened. */
function useRates(name: string): { readonly in: Series; readonly out: Series } {
  const [rates, setRates] = useState<{ in: Series; out: Series }>({ in: [], out: [] });
  useEffect(
    () =>
      listen({
        stats: true,
        onStats({ functions }) {
          const now = functions.find((fn) => fn.name === name);
          if (!now) return;
          const at = Date.now();
          setRates((before) => ({
            in: extend(before.in, at, now.rate_in, POINTS),
            out: extend(before.out, at, now.rate_out, POINTS),
          }));
        },
      }),
    [name],
  );
  return rates;
}

export function Headline({ fn }: { fn: FunctionInfo }) {
  const live = stats.value?.functions.find(({ name }) => name === fn.name);
  const now = live ?? fn;
  const { ok, error, invalid } = now.invocations;
  const rates = useRates(fn.name);
  const failed = error + invalid;
  return (
    <>
      <Tiles>
        <Tile label="Status" value={<Status value={now.status} />}>
          {now.reason ?? (fn.kind === "producer" ? "Runs at each tick of its clock" : `Reads ${fn.topic}`)}
        </Tile>
        {fn.kind === "consumer" && (
          <RateTile
            label="Reads"
            verb="read"
            count={now.records_in}
            rate={live?.rate_in}
            series={rates.in}
            fn={fn}
          />
        )}
        <RateTile
          label="Writes"
          verb="written"
          count={now.records_out}
          rate={live?.rate_out}
          series={rates.out}
          fn={fn}
        />
        <Tile
          label="Mean time"
          value={now.mean_duration_ms === null ? "–" : formatDuration(now.mean_duration_ms)}
        >
          {plural(ok + failed, "invocation")}
          {failed > 0 && (
            <>
              , <Badge tone="bad">{`${formatCount(failed)} failed`}</Badge>
            </>
          )}
        </Tile>
        {fn.kind === "consumer" && fn.group !== null && (
          <Tile
            label="Lag"
            href={pagePath("groups", fn.group)}
            value={now.lag === null ? "–" : formatShort(now.lag)}
            unit="records"
          >
            {now.dead_letters > 0 ? (
              <a href="/dead-letters">{plural(now.dead_letters, "dead letter")}</a>
            ) : (
              "No dead letters"
            )}
          </Tile>
        )}
        <Tile label="State" value={formatShort(fn.state.keys)} unit={fn.state.keys === 1 ? "key" : "keys"}>
          {fn.state.durability === "memory" ? "In memory: a restart begins anew" : fn.state.durability}
        </Tile>
      </Tiles>
      {fn.last_error !== null && (
        <p class="function-error" role="note">
          <Badge tone="bad">last error</Badge> {fn.last_error}
        </p>
      )}
    </>
  );
}

interface RateTileProps {
  readonly label: string;
  /** What was done with the records: read, written. */
  readonly verb: string;
  readonly count: number;
  readonly rate: number | undefined;
  readonly series: Series;
  readonly fn: FunctionInfo;
}

function RateTile({ label, verb, count, rate, series, fn }: RateTileProps) {
  return (
    <Tile label={label} value={rate === undefined ? "–" : formatRate(rate)} unit="records/s">
      <span>
        {formatCount(count)} {verb}
      </span>
      <Sparkline
        series={series}
        points={POINTS}
        label={`Records a second ${verb} by ${fn.name}`}
        format={formatRate}
      />
    </Tile>
  );
}
