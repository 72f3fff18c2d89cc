/** What functions have raised alerts about: what is wrong now, and what was. */
import { useMemo } from "preact/hooks";
import { formatCount } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { parseId } from "../../data/record-link.ts";
import { useResource } from "../../data/resource.ts";
import type { Topic } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { lastBuckets, sumIn, timesOf } from "../dashboards/buckets.ts";
import { OfWindow } from "../dashboards/of-window.tsx";
import { SpanPicker, spanFrom } from "../dashboards/span-picker.tsx";
import { useWindow } from "../dashboards/use-window.ts";
import { RecordDrawer } from "../topic/record-drawer.tsx";
import { type Alert, SEVERITIES, select, subjectsOf, toAlert } from "./alert.ts";
import { AlertFilters } from "./filters.tsx";
import { AlertList } from "./list.tsx";
import { Subjects } from "./subjects.tsx";

const SPANS = [15, 60, 360, 1440];
const USUAL = 60;
/** Of the chart, by severity. */
const COLORS: Readonly<Record<string, number>> = { critical: 6, warning: 2, info: 1 };

export default function AlertsPage() {
  const topics = useResource<{ topics: Topic[] }>("/api/topics", { everyMs: 30_000 });
  const { query, set } = useUrlState();
  const minutes = spanFrom(query.minutes, SPANS, USUAL);
  const place = parseId(query.record);
  return (
    <Page
      title="Alerts"
      lead="What functions have found wrong with services and hosts, live and past."
      actions={<SpanPicker spans={SPANS} usual={USUAL} minutes={minutes} />}
    >
      <Loaded resource={topics} lines={12}>
        {(data) => <Alerts topics={namesOf(data.topics)} minutes={minutes} />}
      </Loaded>
      {place && (
        <RecordDrawer
          place={place}
          onClose={() => set({ record: null, view: null })}
          onGo={({ topic, partition, offset }) => set({ record: `${topic}/${partition}:${offset}` })}
        />
      )}
    </Page>
  );
}

const namesOf = (topics: readonly Topic[]): string[] =>
  topics.filter(({ alerts }) => alerts).map(({ name }) => name);

function Alerts({ topics, minutes }: { topics: readonly string[]; minutes: number }) {
  const window = useWindow(topics, minutes, toAlert);
  if (topics.length === 0) {
    return (
      <Empty title="No topic is for alerts.">
        One is, when its definition says <code>alerts: true</code>.
      </Empty>
    );
  }
  return (
    <OfWindow window={window}>
      <Shown alerts={window.records} topics={topics} now={window.now} minutes={minutes} />
    </OfWindow>
  );
}

interface ShownProps {
  readonly alerts: readonly Alert[];
  readonly topics: readonly string[];
  readonly now: number;
  readonly minutes: number;
}

function Shown({ alerts, topics, now, minutes }: ShownProps) {
  const { query, set } = useUrlState();
  const filter = {
    topic: query.topic ?? "",
    severity: query.severity ?? "",
    about: query.about ?? "",
    text: query.q ?? "",
  };
  const shown = useMemo(
    () => select(alerts, filter),
    [alerts, filter.topic, filter.severity, filter.about, filter.text],
  );
  const subjects = useMemo(() => subjectsOf(alerts), [alerts]);
  const buckets = lastBuckets(now, minutes);
  return (
    <>
      <Card title="By service and host" flush class="alert-subjects">
        <Subjects subjects={subjects} />
      </Card>
      <AlertFilters
        filter={filter}
        topics={topics}
        abouts={[...new Set(alerts.map(({ about }) => about))].sort()}
      />
      <Card title="Over time">
        <TimeChart
          label={`Alerts by severity, the last ${minutes} minutes`}
          times={timesOf(buckets)}
          lines={SEVERITIES.map((severity) => ({
            label: severity,
            values: sumIn(shown, buckets, (alert) => (alert.severity === severity ? 1 : 0)),
            color: COLORS[severity]!,
          }))}
          format={formatCount}
          kind="area"
          height={140}
        />
      </Card>
      <Card title="Alerts" aside={<span class="quiet">{formatCount(shown.length)}</span>} flush>
        <AlertList
          alerts={shown}
          selectedId={query.record ?? null}
          onOpen={({ id }) => set({ record: id }, { push: query.record === undefined })}
        />
      </Card>
    </>
  );
}
