import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";
import { openTab, type Tab } from "./tab.ts";

/** Texts that are scripts where they are taken for markup, a script, a style or an address. */
const CORPUS = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
  "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
  "<iframe src=javascript:alert(1)></iframe>",
  "<a href=javascript:alert(1)>x</a>",
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "<body onload=alert(1)>",
  "<input autofocus onfocus=alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<video><source onerror=alert(1)></video>",
  "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
  "<style>@import 'javascript:alert(1)'</style>",
  "<div style=\"background:url('javascript:alert(1)')\">",
  "<link rel=stylesheet href='data:text/css,*{display:none}'>",
  "<base href='http://attacker.example/'>",
  "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
  "<form action=javascript:alert(1)><button id=x>",
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for a placeholder
  "`${alert(1)}`",
  "{{constructor.constructor('alert(1)')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
  "${alert(1)}",
  "<!--<img src='--><img src=x onerror=alert(1)>'>",
  "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
  "\u2028<script>alert(1)</script>\u2029",
  "\u202egnp.exe<img src=x onerror=alert(1)>",
  "&lt;img src=x onerror=alert(1)&gt;",
  "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
  "__proto__",
  "constructor",
];

let site: Site;
let browser: Browser;
let tab: Tab;

const log = (text: string, i: number) => ({
  timestamp: new Date().toISOString(),
  level: "ERROR",
  service: text,
  message: text,
  host: text,
  process_id: i,
  thread_id: text,
  trace_id: text,
  stack_trace: text,
  [text]: text,
});

const alertOf = (text: string, i: number) => ({
  alert_id: `${i}`,
  alert_type: text,
  service: text,
  host: text,
  timestamp: new Date().toISOString(),
  severity: text,
  message: text,
  [text]: { [text]: [text] },
});

beforeAll(async () => {
  // Nothing but the corpus: the functions' producers stay silent.
  const quiet = {
    EVENT_PRODUCER_RATE_PER_SECOND: "0",
    EVENT_PRODUCER_ATTACK_EVERY_MS: "0",
    LOG_PRODUCER_RATE_PER_SECOND: "0",
    LOG_PRODUCER_INCIDENT_EVERY_MS: "0",
  };
  [site, browser] = await Promise.all([startSite(quiet), launchBrowser()]);
  await site.untilHealthy();
  await site.createTopic("corpus");
  const record = (value: (text: string, i: number) => unknown) =>
    CORPUS.map((text, i) => ({
      key: text,
      value: JSON.stringify(value(text, i)),
      headers: { [text]: text, "ksp.dlq.reason": text, "ksp.dlq.topic": text, "ksp.dlq.function": text },
    }));
  await site.produce("corpus", [
    ...record((text) => ({ [text]: text, list: [text] })),
    ...CORPUS.map((text) => ({ key: text, value: text })),
  ]);
  for (const topic of ["alerts", "anomalies"]) await site.produce(topic, record(alertOf));
  await site.produce("application-logs", record(log));
  for (const topic of ["user-events", "user-events.dlq"]) {
    await site.produce(
      topic,
      record((text) => ({ event_type: text, user_id: text, session_id: text, product: text })),
    );
  }
  tab = await openTab(browser, site.url);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** Text of a corpus that a page must show as text, so that what it did not do is no accident. */
const shown = (text: string) => tab.page.locator("main").getByText(text, { exact: false }).first().waitFor();

/** Goes to a path as a link does, without a new load. */
const route = (path: string) =>
  tab.page.evaluate(async (to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  }, path);

describe("script text in data never runs", () => {
  it.each([
    "/",
    "/topics/corpus",
    "/topics/corpus?tab=browse&mode=oldest&limit=200",
    "/topics/user-events.dlq",
    "/dead-letters",
    "/alerts",
    "/dashboards/events",
    "/dashboards/logs",
    "/topics/application-logs",
  ])("where a page lists it: %s", async (path) => {
    await tab.open(path);
    await shown("alert(1)");
    expect(tab.intrusions).toEqual([]);
  });

  it("in a record's key, headers and value, as tree, text and bytes", async () => {
    await tab.open("/topics/corpus");
    for (let offset = 0; offset < CORPUS.length * 2; offset++) {
      await route(`/topics/corpus?record=0:${offset}`);
      const drawer = tab.page.getByRole("dialog", { name: `corpus / 0 : ${offset}`, exact: true });
      await drawer.getByRole("heading", { name: "Headers" }).waitFor();
    }
    for (const view of ["raw", "hex", "schema"]) {
      await tab.open(`/topics/corpus?record=0:2&view=${view}`);
      await tab.page.getByRole("dialog").getByRole("heading", { name: "Headers" }).waitFor();
    }
    expect(tab.intrusions).toEqual([]);
  });

  it("in an address, whatever part of it", async () => {
    await tab.open("/");
    for (const text of CORPUS) {
      const part = encodeURIComponent(text);
      for (const path of [
        `/topics/${part}`,
        `/functions/${part}`,
        `/groups/${part}`,
        `/dashboards/${part}`,
        `/schemas/${part}`,
        `/alerts?about=${part}&q=${part}&record=${part}`,
        `/topics/corpus?tab=browse&q=${part}`,
        `/topics/corpus?tab=browse&filter=${part}`,
      ]) {
        await route(path);
        await tab.page.locator("main h1").waitFor();
      }
      await tab.open(`/topics/corpus?tab=browse&q=${part}`);
    }
    expect(tab.intrusions).toEqual([]);
  }, 180_000);

  it("in names that Kafka itself would refuse", async () => {
    const { topics } = await site.get<{ topics: Record<string, unknown>[] }>("/api/topics");
    const body = JSON.stringify({
      topics: CORPUS.map((name) => ({ ...topics[0], name, description: name, key: name })),
    });
    await tab.page.route("**/api/topics", (route) =>
      route.fulfill({ body, contentType: "application/json" }),
    );
    for (const path of ["/", "/topics"]) {
      await tab.open(path);
      await shown("alert(1)");
    }
    await tab.page.unroute("**/api/topics");
    expect(tab.intrusions).toEqual([]);
  });

  it("written live", async () => {
    await tab.open("/topics/corpus");
    await site.produce(
      "corpus",
      CORPUS.map((text) => ({ key: `live ${text}`, value: text })),
    );
    await shown("live ");
    expect(tab.intrusions).toEqual([]);
  });

  it("and it would be told if it did", async () => {
    const other = await openTab(browser, site.url);
    await other.open("/");
    await other.page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "alert(1)";
      document.body.append(script);
      alert("told");
    });
    await expect.poll(() => [...other.intrusions].sort()).toEqual(["alert: told", "script-src-elem inline"]);
    await other.close();
  });
});
