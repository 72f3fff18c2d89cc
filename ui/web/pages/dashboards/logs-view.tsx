import { withQuery } from "../../data/api.ts";
import { formatCount, formatRate, formatTime } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { Card } from "../../parts/card.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { lastBuckets, sumIn, tally, timesOf } from "./buckets.ts";
import { LogSearch } from "./log-search.tsx";
import { byService, celOf, isError, LEVELS, type LogLine, type ServiceLog, toLogLine } from "./logs.ts";
import { OfWindow } from "./of-window.tsx";
import { useWindow } from "./use-window.ts";

const TOPICS = ["application-logs"];
/** Of the chart, by level. */
const COLORS: Readonly<Record<string, number>> = { DEBUG: 8, INFO: 1, WARN: 2, ERROR: 6, FATAL: 4 };
const MOST_LINES = 7;

export function Logs({ minutes }: { minutes: number }) {
  const window = useWindow(TOPICS, minutes, toLogLine);
  return (
    <>
      <LogSearch topic={TOPICS[0]!} />
      <OfWindow window={window}>
        <Shown lines={window.records} now={window.now} minutes={minutes} />
      </OfWindow>
    </>
  );
}

function Shown({ lines, now, minutes }: { lines: readonly LogLine[]; now: number; minutes: number }) {
  const buckets = lastBuckets(now, minutes);
  const times = timesOf(buckets);
  const span = `the last ${minutes} minutes`;
  const services = byService(lines);
  const errors = lines.filter(isError);
  const count = (level: string) => lines.filter((line) => line.level === level).length;
  const worst = tally(errors, ({ service }) => service).slice(0, MOST_LINES);
  return (
    <>
      <div class="even">
        <Tiles>
          <Tile label="Lines" value={formatCount(lines.length)}>
            in {span}
          </Tile>
          <Tile label="Warnings" value={formatCount(count("WARN"))} />
          <Tile label="Errors" value={formatCount(errors.length)} tone={errors.length > 0 ? "warn" : "good"}>
            {lines.length === 0 ? "" : `${formatRate((errors.length / lines.length) * 100)} % of all lines`}
          </Tile>
          <Tile
            label="Of them fatal"
            value={formatCount(count("FATAL"))}
            tone={count("FATAL") > 0 ? "bad" : "good"}
          />
        </Tiles>
      </div>
      <div class="dashboard">
        <Card title="Levels">
          <TimeChart
            label={`Lines by level, ${span}`}
            times={times}
            lines={LEVELS.map((level) => ({
              label: level,
              values: sumIn(lines, buckets, (line) => (line.level === level ? 1 : 0)),
              color: COLORS[level]!,
            }))}
          />
        </Card>
        <Card title="Errors by service, over time">
          {worst.length === 0 ? (
            <p class="quiet bar-none">None in this time.</p>
          ) : (
            <TimeChart
              label={`ERROR and FATAL by service, ${span}`}
              times={times}
              lines={worst.map(({ name }) => ({
                label: name,
                values: sumIn(errors, buckets, ({ service }) => (service === name ? 1 : 0)),
              }))}
            />
          )}
        </Card>
      </div>
      <Card title="Services" flush>
        <Table
          label="Services by their log"
          columns={COLUMNS}
          rows={services}
          keyOf={({ service }) => service}
          defaultSort="-errors"
          href={({ service }) =>
            withQuery(pagePath("topics", TOPICS[0]!), {
              tab: "browse",
              filter: celOf(service, ["ERROR", "FATAL"]),
            })
          }
          empty={<p class="state quiet">No service has logged in this time.</p>}
        />
      </Card>
    </>
  );
}

const number = (
  id: "lines" | "warnings" | "errors" | "fatals",
  label: string,
  wide = false,
): Column<ServiceLog> => ({
  id,
  label,
  align: "end",
  wide,
  largestFirst: true,
  render: (row) => formatCount(row[id]),
  value: (row) => row[id],
});

const COLUMNS: readonly Column<ServiceLog>[] = [
  { id: "service", label: "Service", render: ({ service }) => service, value: ({ service }) => service },
  number("lines", "Lines"),
  number("warnings", "WARN", true),
  number("errors", "ERROR"),
  number("fatals", "FATAL"),
  {
    id: "share",
    label: "Wrong",
    align: "end",
    wide: true,
    largestFirst: true,
    render: ({ errorShare }) => `${formatRate(errorShare * 100)} %`,
    value: ({ errorShare }) => errorShare,
  },
  {
    id: "last",
    label: "Last error",
    wide: true,
    largestFirst: true,
    value: ({ lastError }) => lastError?.at ?? null,
    render: ({ lastError }) =>
      lastError && (
        <span class="last-error" title={lastError.message}>
          <time>{formatTime(new Date(lastError.at).toISOString(), new Date())}</time> {lastError.message}
        </span>
      ),
  },
];
