import { formatShort } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { SelectField } from "../../parts/field.tsx";
import { TimeChart } from "../../parts/time-chart.tsx";
import { HostStatistics } from "./host-statistics.tsx";
import {
  KINDS,
  type MetricKind,
  type Sample,
  type Series,
  seriesByHost,
  thresholdOf,
  toSample,
} from "./metrics.ts";
import { OfWindow } from "./of-window.tsx";
import { useWindow } from "./use-window.ts";

const TOPICS = ["system-metrics"];

export function Metrics({ minutes }: { minutes: number }) {
  const { query, set } = useUrlState();
  const window = useWindow(TOPICS, minutes, toSample);
  const functions = useResource<{ functions: FunctionInfo[] }>("/api/functions").data?.functions ?? [];
  const kind = KINDS.find(({ id }) => id === query.metric) ?? KINDS[0]!;
  const hosts = [...new Set(window.records.map(({ host }) => host))].sort();
  const host = query.host ?? "";
  const options = [...new Set([...hosts, ...(host === "" ? [] : [host])])];
  return (
    <>
      <div class="filters">
        <fieldset class="segmented">
          <legend class="visually-hidden">Metric</legend>
          {KINDS.map(({ id, label }) => (
            <button
              key={id}
              type="button"
              aria-pressed={kind.id === id && host === ""}
              onClick={() => set({ metric: id === KINDS[0]!.id ? null : id, host: null })}
            >
              {label}
            </button>
          ))}
        </fieldset>
        <SelectField
          label="Host"
          hideLabel
          value={host}
          options={[
            { value: "", label: "All hosts" },
            ...options.map((name) => ({ value: name, label: name })),
          ]}
          onChange={(name) => set({ host: name })}
        />
      </div>
      <OfWindow window={window}>
        {host === "" ? (
          <AllHosts
            samples={window.records}
            kind={kind}
            functions={functions}
            span={spanOf(window.now, minutes)}
          />
        ) : (
          <OneHost
            samples={window.records}
            host={host}
            functions={functions}
            span={spanOf(window.now, minutes)}
          />
        )}
      </OfWindow>
    </>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** To the second, so that charts of a moment are of the same span. */
const spanOf = (now: number, minutes: number): Span => ({ from: now - minutes * 60_000, to: now });

interface Shown {
  readonly samples: readonly Sample[];
  readonly functions: readonly FunctionInfo[];
  readonly span: Span;
}

/** A metric of each host, and their numbers beside each other. */
function AllHosts({ samples, kind, functions, span }: Shown & { kind: MetricKind }) {
  const threshold = thresholdOf(functions, kind);
  const hosts = seriesByHost(samples, kind);
  return (
    <>
      {hosts.size === 0 && <p class="quiet bar-none">No samples in this time.</p>}
      <div class="small-multiples">
        {[...hosts].map(([host, series]) => (
          <SeriesCard
            key={`${kind.id} ${host}`}
            title={host}
            host={host}
            {...{ kind, series, threshold, span }}
          />
        ))}
      </div>
      <HostStatistics kind={kind} hosts={hosts} threshold={threshold} />
    </>
  );
}

/** Each metric of a host. */
function OneHost({ samples, host, functions, span }: Shown & { host: string }) {
  const own = KINDS.map((kind) => ({ kind, series: seriesByHost(samples, kind).get(host) }));
  if (own.every(({ series }) => series === undefined)) {
    return <p class="quiet bar-none">No samples of {host} in this time.</p>;
  }
  return (
    <div class="dashboard">
      {own.map(
        ({ kind, series }) =>
          series && (
            <SeriesCard
              key={kind.id}
              title={kind.label}
              threshold={thresholdOf(functions, kind)}
              height={180}
              {...{ host, kind, series, span }}
            />
          ),
      )}
    </div>
  );
}

interface SeriesCardProps {
  readonly title: string;
  readonly host: string;
  readonly kind: MetricKind;
  readonly series: Series;
  readonly threshold: number | null;
  readonly span: Span;
  readonly height?: number;
}

function SeriesCard({ title, host, kind, series, threshold, span, height = 110 }: SeriesCardProps) {
  return (
    <Card title={title}>
      <TimeChart
        label={`${kind.label} of ${host} in ${kind.unit === "%" ? "percent" : "errors"}`}
        times={series.times}
        lines={series.lines}
        format={(value) => `${formatShort(value)}${kind.unit === "%" ? " %" : ""}`}
        thresholds={threshold === null ? [] : [{ label: "threshold", value: threshold }]}
        height={height}
        {...span}
      />
    </Card>
  );
}
