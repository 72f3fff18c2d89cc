/** A chart's numbers, for who reads rather than looks. */
import { useState } from "preact/hooks";
import type { ChartLine } from "./time-chart.tsx";

export interface ChartTableProps {
  readonly label: string;
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
}

/** More than this nobody reads: the newest stand first. */
const ROWS = 100;

export function ChartTable({ label, times, lines, format }: ChartTableProps) {
  const [open, setOpen] = useState(false);
  return (
    <details class="chart-table" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <div class="table-scroll" tabIndex={0}>
          <table aria-label={`${label}, as a table`}>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {lines.map((line) => (
                  <th key={line.label} scope="col" class="number">
                    {line.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {newest(times).map((index) => (
                <tr key={times[index]}>
                  <td>{new Date(times[index]!).toLocaleTimeString()}</td>
                  {lines.map((line) => (
                    <td key={line.label} class="number">
                      {line.values[index] == null ? "–" : format(line.values[index])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** The last places, the newest first. */
const newest = (times: readonly number[]): number[] =>
  Array.from({ length: Math.min(ROWS, times.length) }, (_, i) => times.length - 1 - i);
