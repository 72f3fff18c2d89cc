/** Pictures of every page, light and dark, wide and narrow, of a platform that has run for a while: `npm run screenshots`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../until.ts";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite, untilBusy } from "./site.ts";
import { NARROW, openTab } from "./tab.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "docs", "images");
const WIDE = { width: 1280, height: 800 };
/** As long as it takes for charts to have a shape. */
const EVENTS = 600;

const SHOTS: readonly (readonly [string, string])[] = [
  ["overview", "/"],
  ["topics", "/topics"],
  ["topic-live", "/topics/user-events"],
  ["topic-record", "/topics/processed-events?record=0:5"],
  ["topic-search", "/topics/user-events?tab=browse&filter=value.event_type%20%3D%3D%20%22purchase%22"],
  ["topic-produce", "/topics/user-events?tab=produce"],
  ["functions", "/functions"],
  ["function", "/functions/analytics-consumer"],
  ["groups", "/groups"],
  ["group", "/groups/analytics-group"],
  ["alerts", "/alerts?minutes=15"],
  ["dashboard-events", "/dashboards/events"],
  ["dashboard-logs", "/dashboards/logs"],
  ["dashboard-metrics", "/dashboards/metrics"],
  ["dead-letters", "/dead-letters"],
  ["schemas", "/schemas"],
  ["broker", "/broker"],
];

/** Until the platform has run for a while. */
async function untilLivedIn(site: Site): Promise<void> {
  await untilBusy(site);
  await until(
    async () => {
      const { topics } = await site.get<{ topics: { name: string; message_count: number }[] }>("/api/topics");
      return topics.some(({ name, message_count }) => name === "user-events" && message_count >= EVENTS);
    },
    `${EVENTS} user events`,
    600_000,
  );
}

const [site, browser] = await Promise.all([startSite(), launchBrowser()]);
try {
  await mkdir(FOLDER, { recursive: true });
  await untilLivedIn(site);
  for (const theme of ["light", "dark"] as const) {
    for (const [width, size] of [
      ["wide", WIDE],
      ["narrow", NARROW],
    ] as const) {
      const tab = await openTab(browser, site.url, { theme, size });
      for (const [name, path] of SHOTS) {
        await tab.open(path);
        // What is animated, loaded late or drawn of the first live events has come by then.
        await tab.page.waitForTimeout(1_500);
        await tab.page.screenshot({ path: join(FOLDER, `${name}-${theme}-${width}.png`) });
      }
      await tab.close();
    }
  }
} finally {
  await browser.close();
  await site.stop();
}
