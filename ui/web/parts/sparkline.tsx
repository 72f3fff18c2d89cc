/** A small line of the last values. */
import type { Series } from "../data/series.ts";

export interface SparklineProps {
  readonly series: Series;
  /** What it shows, for who cannot see it: "Records a second written to user-events". */
  readonly label: string;
  /** How a value reads. */
  readonly format?: (value: number) => string;
  /** How many points the whole width is; a shorter series stands at its right end. */
  readonly points?: number;
  readonly tone?: "accent" | "good" | "warn" | "bad";
}

const HEIGHT = 24;

export function Sparkline({ series, label, format = String, points = 60, tone = "accent" }: SparklineProps) {
  const top = Math.max(...series.map(({ value }) => value), Number.MIN_VALUE);
  const xy = series.map(({ value }, i) => {
    const x = points - series.length + i;
    return `${x},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`;
  });
  const last = series.at(-1);
  const said = last ? `${label}: now ${format(last.value)}, at most ${format(top)}` : `${label}: nothing yet`;
  const first = points - series.length;
  return (
    <svg
      class={`sparkline ${tone}`}
      viewBox={`0 0 ${points - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={said}
    >
      <line x1="0" y1={HEIGHT - 0.5} x2={points - 1} y2={HEIGHT - 0.5} />
      {xy.length > 1 && (
        <>
          <polygon points={`${first},${HEIGHT} ${xy.join(" ")} ${points - 1},${HEIGHT}`} />
          <polyline points={xy.join(" ")} />
        </>
      )}
    </svg>
  );
}
