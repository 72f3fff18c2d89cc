/** Records: the latest of a topic, and those of the alerts and anomalies topics as findings. */
import { byId, clock, element, keyed, note, pill, setText } from "./dom.js";

const TONES = new Map([
  ["critical", "bad"],
  ["warning", "warn"],
  ["info", "good"],
]);

const recordKey = (record) => `${record.topic}/${record.partition}/${record.offset}`;
const newestFirst = ({ messages }) => messages.slice().reverse();

/** A value of any kind in one line. */
const oneLine = (value, most) => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, most);

function recordItem(record) {
  const { partition, offset, key, headers, timestamp, value } = record;
  const names = Object.entries(headers).map(([name, header]) => `${name}: ${header}`);
  const about = [`partition ${partition}, offset ${offset}, key ${key}`, ...names].join("\n");
  return element(
    "li",
    {},
    element(
      "details",
      {},
      element(
        "summary",
        {},
        clock(timestamp),
        element("span", { class: "key" }, key ?? "no key"),
        element("span", { class: "value" }, oneLine(value, 300)),
      ),
      element("pre", { tabindex: "0" }, `${about}\n\n${JSON.stringify(value, null, 2)}`),
    ),
  );
}

export function showRecords(body) {
  setText(byId("records-title"), `Latest records of ${body.topic}`);
  note("records", body.count === 0 ? "None yet." : null);
  keyed(byId("records"), newestFirst(body), recordKey, recordItem);
}

/** An alert or an anomaly; a record of another shape is shown as it is. */
function findingItem({ value, key, timestamp }) {
  const finding = typeof value === "object" && value !== null ? value : {};
  const severity = element("span", { class: "badge" });
  pill(severity, oneLine(finding.severity ?? "unknown", 20), TONES.get(finding.severity));
  const when = Number.isNaN(Date.parse(finding.timestamp)) ? timestamp : finding.timestamp;
  return element(
    "li",
    {},
    element(
      "div",
      { class: "head" },
      severity,
      element("span", { class: "about" }, oneLine(finding.service ?? finding.host ?? key ?? "", 80)),
      element("span", { class: "quiet" }, oneLine(finding.phase ?? finding.alert_type ?? "", 40)),
      clock(when),
    ),
    element("p", {}, oneLine(finding.message ?? value, 500)),
  );
}

export const showFindings = (section, none) => (body) => {
  note(section, body.count === 0 ? none : null);
  keyed(byId(section), newestFirst(body), recordKey, findingItem);
};
