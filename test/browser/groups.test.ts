import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { openTab } from "./tab.ts";

let site: Site;
let browser: Browser;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launchBrowser()]);
  await site.untilHealthy();
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

it("a group's lag graph moves when its consumer is stopped and the topic goes on", async () => {
  await site.createTopic("watched");
  await site.produce("watched", [{ value: "{}" }]);
  const consumer = site.kafka.consumer({ groupId: "watchers", maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: "watched", fromBeginning: true });
  const committed = new Promise((resolve) => consumer.on(consumer.events.COMMIT_OFFSETS, resolve));
  await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => {} });
  await committed;

  const { page, open, close } = await openTab(browser, site.url);
  await open("/groups/watchers");
  const graph = page.getByRole("img", { name: /^Lag of watchers in records/ });
  await page.getByRole("img", { name: "Lag of watchers in records. Now: Lag 0" }).waitFor();
  const before = await graph.screenshot();
  await consumer.disconnect();
  await site.produce(
    "watched",
    Array.from({ length: 40 }, () => ({ value: "{}" })),
  );
  await page.getByRole("img", { name: "Lag of watchers in records. Now: Lag 40" }).waitFor();
  await page.getByText("Empty", { exact: true }).first().waitFor();
  expect((await graph.screenshot()).equals(before)).toBe(false);
  await close();
});
