import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { openTab, type Tab } from "./tab.ts";

let site: Site;
let browser: Browser;
let tab: Tab;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite({ READ_ONLY: "true" }), launchBrowser()]);
  await site.untilHealthy();
  await site.produce("user-events", [{ key: "user_1", partition: 0, value: "anything" }]);
  tab = await openTab(browser, site.url);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

describe("a read-only platform", () => {
  it.each([
    ["/topics/user-events?tab=produce", "Write the record"],
    ["/topics/user-events?record=0:0", "Replay through analytics-consumer"],
    ["/groups/analytics-group", "Reset offsets…"],
    ["/functions/analytics-consumer?tab=invoke", "Invoke"],
    ["/functions/analytics-consumer?tab=replay", "Replay the last ones"],
  ])("offers nothing that it would refuse: %s", async (path, name) => {
    await tab.open(path);
    const button = tab.page.getByRole("button", { name, exact: true });
    // Why it is disabled: one may be so for another reason, before its form is filled.
    const reason = tab.page.getByTitle("The platform is read-only");
    await reason
      .or(tab.page.getByText("The platform is read-only: nothing can be written."))
      .first()
      .waitFor();
    await expect.poll(() => button.isDisabled()).toBe(true);
  });

  it("refuses what is sent nevertheless, and says why", async () => {
    const answer = await fetch(`${site.url}/api/topics/user-events/records`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-By": "test" },
      body: "{}",
    });
    expect([answer.status, (await answer.json()).detail]).toEqual([
      403,
      "READ_ONLY is set: expected a request that only reads, got POST",
    ]);
  });
});
