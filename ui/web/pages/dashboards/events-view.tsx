import { formatCount, formatRate } from "../../data/format.ts";
import { Card } from "../../parts/card.tsx";
import { Tile, Tiles } from "../../parts/tile.tsx";
import { type ChartLine, TimeChart } from "../../parts/time-chart.tsx";
import { BarTable } from "./bar-table.tsx";
import { distinctIn, edgesOf, lastBuckets, sumIn, tally, timesOf } from "./buckets.ts";
import { type FunnelStage, funnel, salesByProduct, toUserEvent, type UserEvent } from "./events.ts";
import { FailedLogins } from "./failed-logins.tsx";
import { OfWindow } from "./of-window.tsx";
import { useWindow } from "./use-window.ts";

const TOPICS = ["user-events"];
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const formatUsd = (value: number): string => dollars.format(value);
const formatShare = (share: number): string => `${formatRate(share * 100)} %`;

export function Events({ minutes }: { minutes: number }) {
  const window = useWindow(TOPICS, minutes, toUserEvent);
  return (
    <OfWindow window={window}>
      <Shown events={window.records} now={window.now} minutes={minutes} />
    </OfWindow>
  );
}

function Shown({ events, now, minutes }: { events: readonly UserEvent[]; now: number; minutes: number }) {
  const buckets = lastBuckets(now, minutes);
  const times = timesOf(buckets);
  const stages = funnel(events);
  const purchases = events.filter(({ type }) => type === "purchase");
  const revenue = purchases.reduce((sum, { amount }) => sum + amount, 0);
  const failures = events.filter(({ isFailure }) => isFailure);
  const span = `the last ${minutes} minutes`;
  const chart = (label: string, lines: readonly ChartLine[], more = {}) => (
    <TimeChart
      label={`${label}, ${span}`}
      times={times}
      {...edgesOf(buckets)}
      lines={lines}
      height={180}
      {...more}
    />
  );
  return (
    <>
      <div class="even">
        <Tiles>
          <Tile label="Revenue" value={formatUsd(revenue)}>
            {formatCount(purchases.length)} purchases
          </Tile>
          <Tile label="Users" value={formatCount(new Set(events.map(({ user }) => user)).size)}>
            active in {span}
          </Tile>
          <Tile label="Sessions" value={formatCount(new Set(events.map(({ session }) => session)).size)}>
            {formatShare(stages[2]!.share)} of those that viewed a page purchased
          </Tile>
          <Tile
            label="Failed logins"
            value={formatCount(failures.length)}
            tone={failures.length >= 5 ? "warn" : "neutral"}
          >
            {formatCount(new Set(failures.map(({ user }) => user)).size)} accounts
          </Tile>
        </Tiles>
      </div>
      <div class="dashboard">
        <Card title="From view to purchase">
          <Funnel stages={stages} />
        </Card>
        <Card title="Events by type">
          <BarTable
            label="Events by type"
            columns={["Type", "Events"]}
            rows={tally(events, ({ type }) => type).map(({ name, count }) => ({
              name,
              value: count,
              text: formatCount(count),
            }))}
          />
        </Card>
        <Card title="Revenue">
          {chart(
            "Revenue in USD",
            [{ label: "Revenue", values: sumIn(events, buckets, ({ amount }) => amount), color: 3 }],
            {
              kind: "bars",
              format: formatUsd,
            },
          )}
        </Card>
        <Card title="Active">
          {chart("Active users and sessions", [
            { label: "Users", values: distinctIn(events, buckets, ({ user }) => user) },
            { label: "Sessions", values: distinctIn(events, buckets, ({ session }) => session), color: 4 },
          ])}
        </Card>
        <Card title="Best sellers">
          <BarTable
            label="Revenue by product"
            columns={["Product", "Revenue"]}
            rows={salesByProduct(events)
              .slice(0, 8)
              .map(({ product, revenue: value, purchases: count }) => ({
                name: product,
                value,
                text: `${formatUsd(value)} (${formatCount(count)} sold)`,
              }))}
          />
        </Card>
        <FailedLogins
          events={events}
          chart={chart(
            "Failed logins",
            [{ label: "Failed logins", values: sumIn(failures, buckets, () => 1), color: 6 }],
            { kind: "bars" },
          )}
        />
      </div>
    </>
  );
}

function Funnel({ stages }: { stages: readonly FunnelStage[] }) {
  return (
    <BarTable
      label="Sessions by how far they came"
      columns={["Sessions that", "How many, and their share of those before"]}
      rows={stages.map(({ label, sessions, step }, index) => ({
        name: label,
        value: sessions,
        text: index === 0 ? formatCount(sessions) : `${formatCount(sessions)} · ${formatShare(step)}`,
      }))}
    />
  );
}
