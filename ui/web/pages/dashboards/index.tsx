/** The three domains as charts of the last minutes, counted in the browser from the topics' records. */
import { useRoute } from "preact-iso/router";
import { withQuery } from "../../data/api.ts";
import { pagePath, useUrlState } from "../../data/location.ts";
import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";
import { Events } from "./events-view.tsx";
import { Logs } from "./logs-view.tsx";
import { Metrics } from "./metrics-view.tsx";
import { SpanPicker, spanFrom } from "./span-picker.tsx";

const DOMAINS = [
  {
    id: "events",
    label: "Events",
    lead: "What users do: the funnel, revenue, who is active, failed logins.",
    View: Events,
  },
  {
    id: "logs",
    label: "Logs",
    lead: "What services log: levels over time, and errors by service.",
    View: Logs,
  },
  {
    id: "metrics",
    label: "Metrics",
    lead: "How the hosts do, against the thresholds of the function that watches them.",
    View: Metrics,
  },
];

const SPANS = [15, 60];
const USUAL = 15;

export default function DashboardsPage() {
  const id = useRoute().params.domain ?? DOMAINS[0]!.id;
  const { query } = useUrlState();
  const minutes = spanFrom(query.minutes, SPANS, USUAL);
  const domain = DOMAINS.find((one) => one.id === id);
  return (
    <Page
      title={domain ? `${domain.label} dashboard` : "Dashboards"}
      lead={domain?.lead}
      actions={<SpanPicker spans={SPANS} usual={USUAL} minutes={minutes} />}
    >
      <nav class="segmented dashboard-nav" aria-label="Dashboards">
        {DOMAINS.map((one) => (
          <a
            key={one.id}
            href={withQuery(pagePath("dashboards", one.id), { minutes: query.minutes })}
            aria-current={one.id === id ? "page" : undefined}
          >
            {one.label}
          </a>
        ))}
      </nav>
      {domain ? (
        <domain.View key={domain.id} minutes={minutes} />
      ) : (
        <Empty title={`There is no dashboard called ${id}.`}>There are events, logs and metrics.</Empty>
      )}
    </Page>
  );
}
