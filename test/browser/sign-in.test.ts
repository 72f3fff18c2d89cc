import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCertificate } from "../certificate.ts";
import { type Platform, startPlatform } from "../platform.ts";
import { launchBrowser } from "./chromium.ts";
import { openTab, type Tab } from "./tab.ts";

const TOKEN = "0123456789abcdef";

const certificate = createCertificate();
let platform: Platform;
let browser: Browser;
beforeAll(async () => {
  const env = {
    HTTP_HOST: "0.0.0.0",
    HTTP_TOKEN: TOKEN,
    HTTP_TLS_CERT_FILE: certificate.certFile,
    HTTP_TLS_KEY_FILE: certificate.keyFile,
  };
  [platform, browser] = await Promise.all([startPlatform({ env }), launchBrowser()]);
});
afterAll(async () => {
  certificate.remove();
  await browser?.close();
  platform?.signal("SIGTERM");
  await platform?.ended;
});

const question = (page: Page) => page.getByRole("dialog", { name: "Sign in" });

/** Of the connection, in the navigation. */
const status = (page: Page, word: string) => page.locator(".sidebar").getByRole("status").getByText(word);

async function answer(page: Page, token: string): Promise<void> {
  await question(page).getByLabel("Token").fill(token);
  await question(page).getByRole("button", { name: "Sign in" }).click();
}

async function openSignedIn(path: string): Promise<Tab> {
  const tab = await openTab(browser, platform.url);
  await tab.page.clock.install();
  await tab.open(path);
  await answer(tab.page, TOKEN);
  await question(tab.page).waitFor({ state: "detached" });
  return tab;
}

/** As twelve hours would: the browser has no session any more, and what it had is over on the server. */
async function endSession(page: Page): Promise<void> {
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  // From outside of the page, which is to find out by itself.
  const answered = await page.context().request.delete("/api/session", {
    headers: { Cookie: cookies, "Content-Type": "application/json", "X-Requested-By": "test" },
  });
  expect(answered.status()).toBe(204);
}

/** Requests to the API from now on. */
function requests(page: Page): string[] {
  const seen: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) seen.push(pathname);
  });
  return seen;
}

describe("a page behind a token and TLS", () => {
  it("asks for the token, refuses a wrong one, and goes on with the right one", async () => {
    const { page, open, violations, intrusions, close } = await openTab(browser, platform.url);
    await open("/topics");
    await question(page).waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await answer(page, "wrong-wrong-wrong");
    await question(page).getByText("Expected the token of HTTP_TOKEN, got another").waitFor();
    expect(await violations()).toEqual([]);
    await answer(page, TOKEN);
    await page.getByRole("link", { name: "user-events" }).first().waitFor();
    await status(page, "Live").waitFor();
    expect(await question(page).count()).toBe(0);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict" });
    expect(
      await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })),
    ).not.toContain(TOKEN);
    await page.reload();
    await page.getByRole("link", { name: "user-events" }).first().waitFor();
    expect(intrusions).toEqual([]);
    await close();
  });

  it("downloads and changes by its session", async () => {
    const { page, close } = await openSignedIn("/topics/user-events?tab=browse");
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "CSV" }).click();
    const download = await downloading;
    expect([await download.failure(), download.suggestedFilename()]).toEqual([null, "user-events.csv"]);
    const invoked = await page.evaluate(async () => {
      const sample = await fetch("/api/functions/event-producer/sample");
      const response = await fetch("/api/functions/event-producer/invoke", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Requested-By": "test" },
        body: await sample.text(),
      });
      return response.status;
    });
    expect(invoked).toBe(200);
    await close();
  });

  it("asks again when the session is over, without asking the platform meanwhile, and then resumes", async () => {
    const { page, close } = await openSignedIn("/topics/user-events");
    await status(page, "Live").waitFor();
    await page
      .getByText(/^user_\d+$/)
      .first()
      .waitFor(); // a record: from then on there is a place to resume
    await endSession(page);
    await question(page).waitFor();
    await status(page, "Signed out").waitFor();
    const meanwhile = requests(page);
    // Longer than the polls and retries that go on otherwise.
    await page.clock.runFor(30_000);
    expect(meanwhile).toEqual([]);
    const stream = page.waitForRequest((request) => new URL(request.url()).pathname === "/api/stream");
    await answer(page, TOKEN);
    expect((await (await stream).allHeaders())["last-event-id"]).toMatch(/user-events\/\d+:\d+/);
    await status(page, "Live").waitFor();
    expect(await question(page).count()).toBe(0);
    await close();
  });

  it("signs out, and shows nothing any more, in no tab", async () => {
    const { page, close } = await openSignedIn("/topics");
    const other = await page.context().newPage();
    await other.goto("/topics");
    await status(other, "Live").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await question(page).waitFor();
    await question(other).waitFor();
    expect(await page.getByRole("link", { name: "user-events" }).count()).toBe(0);
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual([]);
    await close();
  });
});
