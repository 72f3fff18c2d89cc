import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requestRegistry } from "../registry.ts";
import { until } from "../until.ts";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { NARROW, openTab, WIDE } from "./tab.ts";

let site: Site;
let browser: Browser;
beforeAll(async () => {
  const env = { EMBEDDED_REGISTRY: "true", EMBEDDED_REGISTRY_PORT: "0" };
  [site, browser] = await Promise.all([startSite(env), launchBrowser()]);
  await site.untilHealthy();
  const said = (line: string) => /"schema registry: (http[^"]+)"/.exec(line)?.[1];
  const url = await until(
    () => site.stderr.map(said).find((found) => found !== undefined) ?? null,
    "the registry's address",
  );
  for (const fields of [[], [{ name: "added", type: "string", default: "" }]]) {
    const schema = JSON.stringify({ type: "record", name: "E", fields });
    await requestRegistry(url, "POST", "/subjects/user-events-value/versions", { schema });
  }
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

it.each([
  ["wide", WIDE],
  ["narrow", NARROW],
])("versions of a topic's schema are listed, with what changed: %s", async (_, size) => {
  const { page, open, violations, sideways, errors, close } = await openTab(browser, site.url, { size });
  await open("/schemas/user-events?tab=versions");
  await page.getByText("AVRO, version 2 (id 2).").waitFor();
  await page.getByText("BACKWARD").waitFor();
  await page.getByRole("figure", { name: "From version 1 to version 2" }).getByText('"added"').waitFor();
  expect(await violations()).toEqual([]);
  expect(await sideways()).toBe(0);
  await page.getByRole("navigation", { name: "Version" }).getByRole("link", { name: "1" }).click();
  await page.getByText("AVRO, version 1 (id 1).").waitFor();
  expect(await page.getByRole("figure", { name: /^From version/ }).count()).toBe(0);
  expect(errors).toEqual([]);
  await close();
});

it("a topic of which nothing is registered says so", async () => {
  const { page, open, close } = await openTab(browser, site.url);
  await open("/schemas/alerts?tab=versions");
  await page.getByText("The schema registry has no version of alerts-value yet.").waitFor();
  await close();
});
