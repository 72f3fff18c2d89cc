import { formatTime } from "../../data/format.ts";
import { idOf, type Message } from "../../data/message.ts";
import { recordHref } from "../../data/record-link.ts";
import { Card } from "../../parts/card.tsx";
import { Empty, Loading } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { summaryOf } from "./alert-summary.ts";

const SHOWN = 8;

export function Alerts({ alerts }: { alerts: readonly Message[] | null }) {
  return (
    <Card title="Alerts" aside={<a href="/alerts">All alerts</a>} flush>
      {alerts === null ? (
        <Loading lines={4} />
      ) : alerts.length === 0 ? (
        <Empty title="No alerts.">What functions write to a topic of alerts shows here.</Empty>
      ) : (
        <ul class="alert-list">
          {alerts.slice(0, SHOWN).map((alert) => (
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
      <a href={recordHref(alert)} title={title}>
        {title}
      </a>
      <span class="alert-about quiet">{about}</span>
      <time class="quiet" dateTime={alert.timestamp ?? undefined}>
        {formatTime(alert.timestamp, new Date())}
      </time>
    </>
  );
}
