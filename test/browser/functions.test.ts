import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { until } from "../until.ts";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { openTab, type Tab } from "./tab.ts";

interface Recorded {
  readonly outcome: { readonly output?: { readonly emit?: { value: Record<string, unknown> }[] } };
}

const INVOCATIONS = "/api/functions/analytics-consumer/invocations";

let site: Site;
let browser: Browser;
let tab: Tab;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launchBrowser()]);
  await site.untilHealthy();
  await until(
    async () => (await site.get<{ invocations: unknown[] }>(INVOCATIONS)).invocations.length > 0,
    "an invocation of analytics-consumer",
  );
  tab = await openTab(browser, site.url);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

describe("a function", () => {
  it("is invoked with an edited input, and what that changes is shown", async () => {
    const { page } = tab;
    await tab.open("/functions/analytics-consumer?tab=invoke");
    const input = page.getByRole("textbox", { name: "A batch of records, as JSON" });
    const sample = await until(async () => (await input.inputValue()) || null, "the sample");
    await page.getByRole("button", { name: "Last one" }).click();
    const text = await until(async () => {
      const last = await input.inputValue();
      return last !== sample && last;
    }, "the last input");
    await input.fill(text.replaceAll(/"user_id": "user_\d+"/g, '"user_id": "user_edited"'));
    await page.getByRole("button", { name: "Invoke", exact: true }).click();
    await page.getByRole("tab", { name: "Difference" }).click();
    await page
      .getByRole("tabpanel", { name: "Difference" })
      .getByText(/user_edited/)
      .first()
      .waitFor();
    await page
      .getByRole("tabpanel", { name: "Difference" })
      .getByText(/user_\d+/)
      .first()
      .waitFor();
  });

  it("gives what it gave, when what is recorded is replayed", async () => {
    await tab.open("/functions/analytics-consumer?tab=replay");
    await tab.page.getByRole("button", { name: "Replay the last ones" }).click();
    await tab.page.getByText(/^All \d+ give the same as they did\.$/).waitFor();
  });

  it("that gives something else than recorded shows the difference by the record that caused it", async () => {
    const { page } = tab;
    // As if the code had been another one when the last invocation was recorded.
    await page.route(`**${INVOCATIONS}**`, async (route) => {
      const response = await route.fetch();
      const { invocations } = (await response.json()) as { invocations: Recorded[] };
      const emitted = invocations.findLast(({ outcome }) => outcome.output?.emit?.length)?.outcome.output
        ?.emit?.[0];
      if (emitted) emitted.value = { ...emitted.value, user_id: "as-recorded" };
      await route.fulfill({ response, json: { invocations } });
    });
    await tab.open("/functions/analytics-consumer?tab=replay");
    await page.getByRole("button", { name: "Replay the last ones" }).click();
    await page.getByText("1 different").waitFor();
    await page.getByRole("table").locator("[data-row-opener]").first().click();
    const drawer = page.getByRole("dialog", { name: "What is different" });
    await drawer.getByRole("heading", { name: /^Record \d+/ }).waitFor();
    await drawer
      .getByText(/as-recorded/)
      .first()
      .waitFor();
    await drawer
      .getByText(/user_\d+/)
      .first()
      .waitFor();
  });
});
