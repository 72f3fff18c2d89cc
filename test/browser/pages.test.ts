import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { PAGES, type Site, startSite, untilBusy } from "./site.ts";
import { NARROW, openTab, type TabOptions, WIDE } from "./tab.ts";

let site: Site;
let browser: Browser;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launchBrowser()]);
  await untilBusy(site);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** What stands on a page only when it has data. */
const DATA: Readonly<Record<string, string>> = {
  "/": "user-events",
  "/topics": "processed-events",
  "/topics/user-events": "user_",
  "/topics/user-events?tab=browse": "event_type",
  "/topics/user-events?tab=produce": "Write the record",
  "/functions": "analytics-consumer",
  "/functions/analytics-consumer": "records",
  "/groups": "analytics-group",
  "/groups/analytics-group": "Stable",
  "/alerts": "over ",
  "/dashboards/events": "view",
  "/dashboards/logs": "auth-service",
  "/dashboards/metrics": "db-server-01",
  "/dead-letters": "not what it should be",
  "/schemas": "user-events",
  "/broker": "node",
};

const LOOKS: readonly (readonly [string, TabOptions])[] = [
  ["light and wide", { theme: "light", size: WIDE }],
  ["dark and wide", { theme: "dark", size: WIDE }],
  ["light and narrow", { theme: "light", size: NARROW }],
  ["dark and narrow", { theme: "dark", size: NARROW }],
];

describe.each(PAGES)("the page %s", (path) => {
  it.each(LOOKS)("shows its data, is accessible and does not scroll sideways: %s", async (_look, options) => {
    const tab = await openTab(browser, site.url, options);
    await tab.open(path);
    await tab.page
      .locator("main")
      .getByText(DATA[path]!, { exact: false })
      .locator("visible=true")
      .first()
      .waitFor();
    expect(await tab.violations()).toEqual([]);
    expect(await tab.sideways()).toBe(0);
    expect(await tab.page.title()).toMatch(/.+ · Kafka streaming platform$/);
    expect([tab.errors, tab.intrusions]).toEqual([[], []]);
    await tab.close();
  });
});
