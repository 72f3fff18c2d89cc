/** The part of a chart that needs uPlot. */
import uPlot from "uplot";
import { formatShort } from "../data/format.ts";
import { chartData, colorOf, type TimeChartProps } from "./time-chart.tsx";

/** A chart in `place`; `latest` gives the properties as they are when it is drawn again. */
export function drawChart(place: HTMLElement, latest: () => TimeChartProps): uPlot {
  const { lines, kind = "line", height = 200, format = formatShort } = latest();
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const colors = lines.map((line, index) => token(`--chart-${colorOf(line, index)}`));
  const axis: uPlot.Axis = {
    stroke: token("--muted"),
    grid: { stroke: token("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${token("--sans")}`,
  };
  const bars = uPlot.paths.bars!({ size: [0.8, 24] });
  return new uPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      padding: [8, 8, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: (_chart, min, max) => spanOf(latest(), min, max) },
        y: { range: (_chart, min, max) => rangeOf(latest(), min, max) },
      },
      axes: [
        { ...axis, size: 28, space: 70, values: clock },
        { ...axis, size: 56, space: 36, values: (_chart, ticks) => ticks.map((tick) => format(tick)) },
      ],
      series: [
        {},
        ...lines.map(
          (line, index): uPlot.Series => ({
            label: line.label,
            stroke: colors[index]!,
            width: 1.5,
            spanGaps: false,
            points: { show: false },
            ...(kind !== "line" && { fill: `${colors[index]}${kind === "bars" ? "cc" : "26"}` }),
            ...(kind === "bars" && { paths: bars }),
          }),
        ),
      ],
      plugins: [thresholdPlugin(latest, token("--bad")), tooltipPlugin(latest)],
    },
    chartData(latest()),
    place,
  );
}

/** Seconds; a single moment has a span as well. */
function spanOf({ from, to, kind, times }: TimeChartProps, min: number, max: number): [number, number] {
  const start = from === undefined ? min : from / 1000;
  const end = to === undefined ? max : to / 1000;
  // A bar stands on its time: the first and last need half a place more.
  const half = kind === "bars" && times.length > 1 ? (times[1]! - times[0]!) / 2000 : 0;
  return start < end ? [start - half, end + half] : [start - 30, start + 30];
}

/** From zero, so that heights can be compared, and up to what is compared with. */
function rangeOf({ thresholds = [] }: TimeChartProps, min: number, max: number): [number, number] {
  const top = Math.max(max ?? 0, ...thresholds.map(({ value }) => value));
  const bottom = Math.min(0, min ?? 0);
  return [bottom, top <= bottom ? bottom + 1 : top + (top - bottom) * (thresholds.length > 0 ? 0.16 : 0.08)];
}

const pad = (value: number) => String(value).padStart(2, "0");

const clockTime = (at: Date) => `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;

function clock(_chart: uPlot, ticks: number[], _axis: number, _space: number, step: number): string[] {
  return ticks.map((tick) => {
    const at = new Date(tick * 1000);
    if (step >= 86_400) return `${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
    return step < 60 ? clockTime(at) : clockTime(at).slice(0, 5);
  });
}

function thresholdPlugin(latest: () => TimeChartProps, color: string): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart) => {
        const { ctx, bbox } = chart;
        ctx.save();
        ctx.strokeStyle = color;
        ctx.fillStyle = color;
        ctx.font = `${11 * devicePixelRatio}px sans-serif`;
        ctx.textAlign = "right";
        ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
        for (const { label, value } of latest().thresholds ?? []) {
          const y = chart.valToPos(value, "y", true);
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
          ctx.fillText(label, bbox.left + bbox.width, y - 4 * devicePixelRatio);
        }
        ctx.restore();
      },
    },
  };
}

/** The values at the pointer, beside it. */
function tooltipPlugin(latest: () => TimeChartProps): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "chart-tooltip";
  box.hidden = true;
  return {
    hooks: {
      init: (chart) => {
        chart.over.append(box);
      },
      setCursor: (chart) => {
        const { idx, left = -1 } = chart.cursor;
        const { times, lines, format = formatShort } = latest();
        box.hidden = idx == null || left < 0 || times[idx] === undefined;
        if (box.hidden) return;
        const shown = lines.map(({ label, values }) => [label, values[idx!]] as const);
        const rows = shown
          .filter(([, value]) => value != null)
          .map(([label, value]) => `${label}: ${format(value!)}`);
        box.textContent = [clockTime(new Date(times[idx!]!)), ...rows].join("\n");
        const right = left > chart.over.clientWidth / 2;
        box.style.left = right ? "" : `${left + 12}px`;
        box.style.right = right ? `${chart.over.clientWidth - left + 12}px` : "";
      },
    },
  };
}
