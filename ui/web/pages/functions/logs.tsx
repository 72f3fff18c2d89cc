/** What a function said and counted while it ran: kept in its result. */
import { Badge, type Tone } from "../../parts/status.tsx";
import { Some } from "./fold.tsx";
import type { LogEntry, MetricEntry } from "./invocation.ts";
import { Part } from "./part.tsx";

const LEVELS: Readonly<Record<string, Tone>> = { error: "bad", warn: "warn", info: "info" };

export function Logs({ logs }: { logs: readonly LogEntry[] }) {
  if (logs.length === 0) return null;
  return (
    <Part title="Logs" count={logs.length}>
      <Some
        items={logs}
        render={({ level, message, fields }, index) => (
          <div key={index} class="log-entry">
            <Badge tone={LEVELS[level] ?? "neutral"}>{level}</Badge> <span>{message}</span>
            {fields !== undefined && <span class="mono quiet">{JSON.stringify(fields)}</span>}
          </div>
        )}
      />
    </Part>
  );
}

export function Metrics({ metrics }: { metrics: readonly MetricEntry[] }) {
  if (metrics.length === 0) return null;
  return (
    <Part title="Metrics" count={metrics.length}>
      <Some
        items={metrics}
        render={({ name, value, labels }, index) => (
          <div key={index} class="log-entry mono">
            {name}
            {labels && <span class="quiet">{JSON.stringify(labels)}</span>}
            <span class="number">{String(value)}</span>
          </div>
        )}
      />
    </Part>
  );
}
