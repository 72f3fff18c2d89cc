import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { openTab, type Tab } from "./tab.ts";

let site: Site;
let browser: Browser;
let tab: Tab;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), launchBrowser()]);
  await site.untilHealthy();
  tab = await openTab(browser, site.url);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

const rows = () => tab.page.getByRole("listbox", { name: /^Records/ }).getByRole("option");

describe("the live tail", () => {
  it("shows a record once it is written, without being asked", async () => {
    await site.createTopic("live-tail");
    await tab.open("/topics/live-tail");
    await tab.page.getByText("No record yet.").waitFor();
    await site.produce("live-tail", [{ key: "first", value: '{"n":9007199254740993}' }]);
    await rows().filter({ hasText: '{"n":9007199254740993}' }).waitFor();
    await site.produce("live-tail", [{ key: "second", value: "{}" }]);
    await rows().filter({ hasText: "second" }).waitFor();
  });

  it("stands still while it is paused, and says how much it holds back", async () => {
    await tab.page.getByRole("button", { name: "Pause" }).click();
    await site.produce("live-tail", [{ key: "third", value: "{}" }]);
    await tab.page.getByText("Held: 1 new record").waitFor();
    expect(await rows().filter({ hasText: "third" }).count()).toBe(0);
    await tab.page.getByRole("button", { name: "Go on" }).click();
    await rows().filter({ hasText: "third" }).waitFor();
  });
});

describe("a record", () => {
  it("is opened by a link to it", async () => {
    await site.createTopic("linked");
    await site.produce("linked", [
      { key: "k", value: '{"amount":12345678901234567890}' },
      { key: "k2", value: "{}" },
    ]);
    await tab.open("/topics/linked?record=0:0");
    const drawer = tab.page.getByRole("dialog", { name: "linked / 0 : 0" });
    await drawer.getByText("12345678901234567890").first().waitFor();
    await tab.page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    expect(new URL(tab.page.url()).searchParams.get("record")).toBeNull();
  });

  it("that is not there says so", async () => {
    await tab.open("/topics/linked?record=0:99");
    await tab.page.getByRole("dialog").getByRole("alert").waitFor();
  });

  it("is written by hand and then there", async () => {
    await tab.open("/topics/user-events?tab=produce&edit=json");
    const value = tab.page.getByRole("textbox", { name: "JSON" });
    const sample = JSON.parse(await value.inputValue()) as Record<string, unknown>;
    await value.fill(JSON.stringify({ ...sample, user_agent: "written-by-hand" }));
    await tab.page.getByRole("button", { name: "Write the record" }).click();
    await tab.page.getByRole("button", { name: /^Partition \d, offset \d+$/ }).click();
    await tab.page.getByRole("dialog").getByText("written-by-hand").first().waitFor();
  });

  it("that the schema refuses is not written, and the reason is told", async () => {
    await tab.open("/topics/user-events?tab=produce&edit=json");
    await tab.page.getByRole("textbox", { name: "JSON" }).fill('{"event_type":"hover"}');
    await tab.page.getByRole("button", { name: "Write the record" }).click();
    await tab.page
      .getByText(/event_type: expected one of/)
      .first()
      .waitFor();
  });
});

describe("a search among a million records", () => {
  const RECORDS = 1_000_000;
  function* haystack() {
    for (let i = 0; i < RECORDS; i++) {
      const note = i === RECORDS / 2 ? "planted-needle" : "hay";
      yield { key: `k${i % 997}`, value: `{"i":${i},"note":"${note}"}` };
    }
  }
  const search = "/topics/haystack?tab=browse&mode=oldest&q=";

  beforeAll(async () => {
    await site.createTopic("haystack", 3);
    await site.produce("haystack", haystack());
  }, 180_000);

  it("finds the one that was planted, and tells how far it is", async () => {
    await tab.open(`${search}planted-needle`);
    await tab.page.getByRole("progressbar", { name: "How far the search is" }).waitFor();
    await tab.page.getByText(/Searching .*of 1,000,000 records/).waitFor();
    await rows().filter({ hasText: "planted-needle" }).waitFor();
    await tab.page.getByText(/Searched 1,000,000 of 1,000,000 records in .*, 1 found/).waitFor();
    expect(await rows().count()).toBe(1);
  });

  it("stops when it is cancelled, on the server as well", async () => {
    await tab.open(`${search}not-there`);
    await tab.page.getByText(/Searching .*of 1,000,000 records/).waitFor();
    const left = tab.page.waitForEvent("requestfailed", (request) => request.url().includes("/api/search/"));
    await tab.page.getByRole("button", { name: "Cancel" }).click();
    await left;
    await tab.page.getByText(/Cancelled/).waitFor();
    // Four searches run at a time and no more: cancelled ones make room.
    for (let i = 0; i < 5; i++) {
      await tab.open(`${search}not-there-${i}`);
      await tab.page.getByText(/Searching .*of 1,000,000 records/).waitFor();
      await tab.page.getByRole("button", { name: "Cancel" }).click();
    }
  });
});
