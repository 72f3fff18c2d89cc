/** Functions and consumer groups, a card each. */
import { byId, card, fillCard, keyed, note, number, rate, setText, sum } from "./dom.js";

const TONES = { running: "good", starting: "warn", waiting: "warn", failing: "bad", stopped: "" };

function fillFunction(node, fn) {
  const { ok, error, invalid } = fn.invocations;
  fillCard(node, {
    title: fn.name,
    badge: fn.status,
    tone: TONES[fn.status],
    about: fn.description,
    pairs: [
      ["Invocations", number.format(ok + error + invalid)],
      ["Errors", number.format(error)],
      ["Mean time", fn.mean_duration_ms === null ? null : `${rate.format(fn.mean_duration_ms)} ms`],
      ["Records in", number.format(fn.records_in)],
      ["Records out", number.format(fn.records_out)],
      ["Dead letters", number.format(fn.dead_letters)],
    ],
    trouble: fn.status === "waiting" || fn.status === "failing" ? (fn.reason ?? fn.last_error) : null,
  });
}

export function showFunctions({ functions }) {
  note("functions", functions.length === 0 ? "No functions run here." : null);
  keyed(byId("functions"), functions, (fn) => fn.name, card, fillFunction);
  const running = functions.filter((fn) => fn.status === "running").length;
  setText(byId("total-running"), `${running} of ${functions.length}`);
  setText(byId("total-dead"), number.format(sum(functions, (fn) => fn.dead_letters)));
}

function fillGroup(node, group) {
  fillCard(node, {
    title: group.id,
    badge: group.lag === 0 ? "no lag" : `lag ${number.format(group.lag)}`,
    tone: group.lag === 0 ? "good" : "warn",
    about: [...new Set(group.partitions.map((p) => p.topic))].join(", ") || "Nothing committed yet.",
    pairs: [
      ["State", group.state],
      ["Members", group.members.length],
      ["Partitions", group.partitions.length],
    ],
  });
}

export function showGroups({ groups }) {
  note("groups", groups.length === 0 ? "No consumer groups yet." : null);
  keyed(byId("groups"), groups, (group) => group.id, card, fillGroup);
  setText(byId("total-lag"), number.format(sum(groups, (group) => group.lag)));
}
