/** The newest alerts: those of the last minutes, and what comes while one looks. */
import { useEffect, useState } from "preact/hooks";
import { apiPath, getText, withQuery } from "../../data/api.ts";
import { formatTime } from "../../data/format.ts";
import { alerts } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import { idOf, type Message, parsePage } from "../../data/message.ts";
import type { Topic } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Empty } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { mergeAlerts, summaryOf } from "./alert-summary.ts";

const SHOWN = 8;

export function Alerts({ topics }: { topics: readonly Topic[] }) {
  const names = topics.filter((topic) => topic.alerts).map(({ name }) => name);
  const past = usePast(names.join(","));
  const shown = mergeAlerts(alerts.value, past, SHOWN);
  return (
    <Card title="Alerts" aside={<a href="/alerts">All alerts</a>} flush>
      {shown.length === 0 ? (
        <Empty title="No alerts yet." />
      ) : (
        <ul class="alert-list">
          {shown.map((alert) => (
            <li key={idOf(alert)}>
              <Alert alert={alert} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Alert({ alert }: { alert: Message }) {
  const { title, about, severity } = summaryOf(alert);
  return (
    <>
      <Status value={severity} />
      <a href={`${pagePath("topics", alert.topic)}?partition=${alert.partition}&offset=${alert.offset}`}>
        {title}
      </a>
      <span class="alert-about quiet">{about}</span>
      <time class="quiet" dateTime={alert.timestamp ?? undefined}>
        {formatTime(alert.timestamp, new Date())}
      </time>
    </>
  );
}

/** The newest of the topics that hold alerts, as they were when the page was opened. */
function usePast(names: string): readonly Message[] {
  const [past, setPast] = useState<readonly Message[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    const load = async (name: string) =>
      parsePage(await getText(withQuery(apiPath("messages", name), { limit: SHOWN }), leaving.signal))
        .messages;
    Promise.all(names.split(",").filter(Boolean).map(load)).then(
      (pages) => setPast(pages.flat()),
      // The list then begins with what comes from now on; the connection's banner tells what is wrong.
      () => {},
    );
    return () => leaving.abort();
  }, [names]);
  return past;
}
