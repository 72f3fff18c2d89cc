/**
 * What the whole page knows of the platform from second to second: kept from the first render on, so that a graph has
 * its past whichever page is opened.
 */
import { signal } from "@preact/signals";
import type { Message } from "./message.ts";
import { idOf } from "./message.ts";
import { extend, type Series } from "./series.ts";
import { listen } from "./stream.ts";
import type { StatsEvent } from "./types.ts";

/** The last minute, a point a second. */
export const POINTS = 60;
const ALERTS_KEPT = 200;

/** The newest stats; null before the first have come. */
export const stats = signal<StatsEvent | null>(null);
/** Records a second into and out of the functions. */
export const throughput = signal<{ readonly in: Series; readonly out: Series }>({ in: [], out: [] });
/** Records a second written to each topic. */
export const topicRates = signal<ReadonlyMap<string, Series>>(new Map());
/** Records not yet processed, over all functions. */
export const totalLag = signal<Series>([]);
/** How many alerts came since somebody looked at them. */
export const unseenAlerts = signal(0);
/** Alerts since the page was opened, newest first. */
export const alerts = signal<readonly Message[]>([]);

export function startLive(): void {
  listen({
    stats: true,
    alerts: true,
    onStats(now) {
      const at = Date.now();
      stats.value = now;
      throughput.value = {
        in: extend(throughput.peek().in, at, now.rate_in, POINTS),
        out: extend(throughput.peek().out, at, now.rate_out, POINTS),
      };
      const lag = now.functions.reduce((sum, fn) => sum + (fn.lag ?? 0), 0);
      totalLag.value = extend(totalLag.peek(), at, lag, POINTS);
      const before = topicRates.peek();
      topicRates.value = new Map(
        now.topics.map(({ name, rate }) => [name, extend(before.get(name) ?? [], at, rate, POINTS)]),
      );
    },
    onAlert(alert) {
      const known = alerts.peek();
      // After a reconnect some may come again.
      if (known.some((one) => idOf(one) === idOf(alert))) return;
      unseenAlerts.value++;
      alerts.value = [alert, ...known].slice(0, ALERTS_KEPT);
    },
  });
}
