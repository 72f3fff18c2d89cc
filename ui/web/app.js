/** The page: polls the API and shows what it says. */
import { messagesPath, read, Unreachable } from "./api.js";
import { byId, note, pill, setText } from "./dom.js";
import { showFunctions, showGroups } from "./functions.js";
import { showFindings, showRecords } from "./records.js";
import { markSelected, selectedTopic, showTopics } from "./topics.js";

const POLL_MS = 2000;
const RECORDS_SHOWN = 20;
const FINDINGS_SHOWN = 7;

/** What each section reads, and what shows it. */
const sections = {
  topics: [() => "/api/topics", showTopics],
  records: [() => messagesPath(selectedTopic(), RECORDS_SHOWN), showRecords],
  alerts: [
    () => messagesPath("alerts", FINDINGS_SHOWN),
    showFindings("alerts", "None so far: no service has logged too many errors."),
  ],
  anomalies: [
    () => messagesPath("anomalies", FINDINGS_SHOWN),
    showFindings("anomalies", "None so far: every host is within its thresholds."),
  ],
  functions: [() => "/api/functions", showFunctions],
  groups: [() => "/api/groups", showGroups],
};

async function refreshSection(name) {
  const [path, show] = sections[name];
  const asked = path();
  try {
    const body = await read(asked);
    // Another topic may have been chosen meanwhile.
    if (asked === path()) show(body);
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    note(name, error.message, true);
  }
}

function showBanner(text) {
  byId("banner").hidden = text === "";
  setText(byId("banner"), text);
}

function showHealth({ status, checks }) {
  const bad = Object.entries(checks).filter(([, check]) => check.status !== "healthy");
  pill(byId("status"), status, status === "healthy" ? "good" : "bad");
  showBanner(bad.map(([name, check]) => `${name}: ${check.reason ?? check.status}`).join(" · "));
}

function showDisconnected(error) {
  document.body.classList.add("stale");
  pill(byId("status"), "disconnected", "bad");
  showBanner(`${error.message} Trying again every ${POLL_MS / 1000} s; what is shown is from before.`);
}

async function refresh() {
  try {
    showHealth(await read("/health"));
    await Promise.all(Object.keys(sections).map(refreshSection));
    document.body.classList.remove("stale");
  } catch (error) {
    showDisconnected(error);
  }
  byId("main").setAttribute("aria-busy", "false");
}

/** One round after the other, so that slow answers never pile requests up; none while nobody looks. */
async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, POLL_MS);
}

addEventListener("hashchange", () => {
  markSelected();
  refreshSection("records").catch(showDisconnected);
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
poll();
