/** The table of topics, with a line of each one's rate over the last two minutes. */
import { byId, element, keyed, note, number, rate, setText, sum } from "./dom.js";

const RATES_KEPT = 60;
const SVG = "http://www.w3.org/2000/svg";

/** By topic, oldest first; one for each poll. */
const rates = new Map();

/** The topic whose records are shown: the address says it, so that a link to it can be shared. */
export const selectedTopic = () => new URLSearchParams(location.hash.slice(1)).get("topic") || "user-events";

export function markSelected() {
  for (const row of byId("topics").tBodies[0].rows) {
    const current = row.dataset.key === selectedTopic();
    row.querySelector("a").ariaCurrent = current ? "true" : null;
    row.classList.toggle("selected", current);
  }
}

function sparkline() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", `0 0 ${RATES_KEPT - 1} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "polyline"));
  return svg;
}

const topicRow = ({ name }) =>
  element(
    "tr",
    {},
    element("td", {}, element("a", { href: `#topic=${encodeURIComponent(name)}` }, name)),
    element("td", { class: "number wide" }),
    element("td", { class: "number" }),
    element("td", { class: "number" }),
    element("td", { class: "wide" }, sparkline()),
  );

function fillTopicRow(row, topic) {
  const [name, partitions, records, perSecond] = row.children;
  name.title = topic.description ?? "";
  setText(partitions, topic.partitions);
  setText(records, number.format(topic.message_count));
  setText(perSecond, rate.format(topic.rate));
  const seen = [...(rates.get(topic.name) ?? []), topic.rate].slice(-RATES_KEPT);
  rates.set(topic.name, seen);
  const top = Math.max(...seen, 0.1);
  const points = seen.map((r, i) => `${RATES_KEPT - seen.length + i},${(19 - (r / top) * 18).toFixed(1)}`);
  row.querySelector("polyline").setAttribute("points", points.join(" "));
}

export function showTopics({ topics }) {
  // Kafka's own, such as __consumer_offsets, would only distract.
  const shown = topics.filter((topic) => topic.defined || !topic.name.startsWith("__"));
  byId("topics").hidden = shown.length === 0;
  note("topics", shown.length === 0 ? "No topics yet. They are created when the platform starts." : null);
  keyed(byId("topics").tBodies[0], shown, (topic) => topic.name, topicRow, fillTopicRow);
  markSelected();
  setText(byId("total-rate"), rate.format(sum(shown, (topic) => topic.rate)));
  setText(byId("total-records"), number.format(sum(shown, (topic) => topic.message_count)));
}
