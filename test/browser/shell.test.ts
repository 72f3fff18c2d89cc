import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { NARROW, openTab } from "./tab.ts";

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

describe("the theme", () => {
  it("follows the system until one is chosen, which a reload keeps", async () => {
    const { page, open, close } = await openTab(browser, site.url, { theme: "dark" });
    await open("/");
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    expect(await ground()).toBe("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "light");
    await page
      .getByRole("button", { name: "Dark" })
      .or(page.getByRole("radio", { name: "Dark" }))
      .first()
      .click();
    await page.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "dark");
    await page.reload();
    expect(await ground()).toBe("dark");
    await close();
  });
});

describe("the keyboard", () => {
  it("goes to pages by g, to the search by /, and to anything by Ctrl-K", async () => {
    const { page, open, close } = await openTab(browser, site.url);
    await open("/");
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.waitForURL("**/alerts");
    await page.getByRole("searchbox", { name: "Search alerts" }).waitFor();
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("type"))).toBe("search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /^A page, topic/ }).fill("processed");
    await page.getByRole("option", { name: /processed-events/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/topics/processed-events");
    await close();
  });

  it("walks a list by j and k, opens by Enter, closes by Escape, and gives the focus back", async () => {
    const { page, open, close } = await openTab(browser, site.url);
    await open("/topics");
    await page.getByRole("link", { name: "user-events" }).first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press("j");
    const first = await focused();
    await page.keyboard.press("j");
    const second = await focused();
    expect(second).not.toBe(first);
    await page.keyboard.press("k");
    expect(await focused()).toBe(first);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "hidden" });
    await expect.poll(focused).toBe(first);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/topics/${first}`);
    await close();
  });

  it("skips the navigation", async () => {
    const { page, open, close } = await openTab(browser, site.url);
    await open("/topics");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
    await close();
  });
});

describe("a narrow screen", () => {
  it("has the navigation behind a button", async () => {
    const { page, open, close } = await openTab(browser, site.url, { size: NARROW });
    await open("/");
    await page.getByRole("button", { name: /menu|navigation/i }).click();
    await page.getByRole("link", { name: "Groups", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Groups" }).waitFor();
    await close();
  });
});
