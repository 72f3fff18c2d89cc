/** Lines over time, drawn by uPlot, which is loaded when the first chart is shown; the same numbers as a table behind it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { formatShort } from "../data/format.ts";
import { isDark } from "../data/theme.ts";
import { ChartTable } from "./chart-table.tsx";

export interface ChartLine {
  readonly label: string;
  /** One for each time; null where there is none. */
  readonly values: readonly (number | null)[];
  /** Of --chart-1 to --chart-8; by its place where it is not given. */
  readonly color?: number;
}

export interface TimeChartProps {
  /** What it shows: "Lag of analytics-group in records". */
  readonly label: string;
  /** ms since 1970, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly format?: (value: number) => string;
  /** In px. */
  readonly height?: number;
  readonly kind?: "line" | "area" | "bars";
  /** Values to compare with, drawn across. */
  readonly thresholds?: readonly { readonly label: string; readonly value: number }[];
  /** The span shown, ms since 1970; by default that of the times. */
  readonly from?: number;
  readonly to?: number;
}

export function TimeChart(props: TimeChartProps) {
  const { label, times, lines, format = formatShort, height = 200, thresholds = [] } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [failed, setFailed] = useState(false);
  const dark = isDark();
  // What cannot be changed on a chart that is there.
  const shape = JSON.stringify([
    dark,
    lines.map((line) => [line.label, line.color]),
    props.kind,
    height,
    thresholds,
  ]);

  useEffect(() => {
    let gone = false;
    let observer: ResizeObserver | null = null;
    import("./draw-chart.ts").then(
      ({ drawChart }) => {
        if (gone || !place.current) return;
        const made = drawChart(place.current, () => latest.current);
        chart.current = made;
        observer = new ResizeObserver(([entry]) => {
          made.setSize({ width: Math.floor(entry!.contentRect.width), height });
        });
        observer.observe(place.current);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      observer?.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [shape]);

  useEffect(() => {
    chart.current?.setData(chartData(latest.current));
  }, [times, lines, props.from, props.to]);

  const last = lines.map((line) => ({
    label: line.label,
    value: line.values.findLast((value) => value !== null),
  }));
  const now = last
    .map((one) => `${one.label} ${one.value == null ? "unknown" : format(one.value)}`)
    .join(", ");
  return (
    <figure class="chart">
      <figcaption class="chart-legend" aria-hidden="true">
        {lines.map((line, index) => (
          <span key={line.label}>
            <i class={`chart-mark color-${colorOf(line, index)}`} /> {line.label}{" "}
            <b>{last[index]?.value == null ? "–" : format(last[index].value)}</b>
          </span>
        ))}
      </figcaption>
      <div
        role="img"
        aria-label={`${label}. Now: ${now || "nothing yet"}`}
        style={{ height: `${height}px` }}
        ref={place}
      />
      {failed && <p class="quiet">The chart could not be loaded; its numbers are below.</p>}
      <ChartTable label={label} times={times} lines={lines} format={format} />
    </figure>
  );
}

/** 1 to 8. */
export const colorOf = (line: ChartLine, index: number): number => line.color ?? (index % 8) + 1;

/** As uPlot takes it: seconds, then each line's values. */
export function chartData({ times, lines }: Pick<TimeChartProps, "times" | "lines">): uPlot.AlignedData {
  return [times.map((at) => at / 1000), ...lines.map((line) => [...line.values])];
}
