/** A page in the browser, watched: whatever a script in data could do to it is counted. */
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 360, height: 740 };

export interface TabOptions {
  readonly theme?: "light" | "dark";
  readonly size?: { readonly width: number; readonly height: number };
}

export interface Tab {
  readonly page: Page;
  /** What went wrong in the page: exceptions, errors on its console. */
  readonly errors: readonly string[];
  /** Dialogs that opened, and scripts and styles that the content security policy refused. */
  readonly intrusions: readonly string[];
  /** Goes to a path and waits for its heading. */
  open(path: string): Promise<void>;
  /** What axe has to say against the page as it is, one line a place. */
  violations(): Promise<string[]>;
  /** How many px the page can be scrolled sideways. */
  sideways(): Promise<number>;
  close(): Promise<void>;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: unknown }[];
  }[];
}

export async function openTab(browser: Browser, url: string, options: TabOptions = {}): Promise<Tab> {
  const { theme = "light", size = WIDE } = options;
  // The packaged Chromium names a locale that Intl does not know.
  const context = await browser.newContext({
    locale: "en-US",
    viewport: size,
    colorScheme: theme,
    baseURL: url,
    // Those of tests are signed by nobody that a browser knows.
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const intrusions: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("dialog", (dialog) => {
    intrusions.push(`${dialog.type()}: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction("tellIntrusion", (what: string) => intrusions.push(what));
  await page.addInitScript(() => {
    const tell = (globalThis as unknown as { tellIntrusion(what: string): void }).tellIntrusion;
    addEventListener("securitypolicyviolation", (event) =>
      tell(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return {
    page,
    errors,
    intrusions,
    async open(path) {
      await page.goto(path);
      await page.locator("main h1").waitFor();
    },
    async violations() {
      // By the debugger, which the page's policy does not bind.
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
      );
      return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${String(target)}`));
    },
    sideways: () =>
      page.evaluate(() =>
        Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
      ),
    close: () => context.close(),
  };
}
