/** What can be done with a record: go to where it comes from, run it through a function, write it once more. */
import { useState } from "preact/hooks";
import { apiPath, withQuery } from "../../data/api.ts";
import { pagePath } from "../../data/location.ts";
import { recordHref } from "../../data/record-link.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, TopicDetails } from "../../data/types.ts";
import { Icon } from "../../parts/icon.tsx";
import { later } from "../../parts/later.tsx";
import { toLetter } from "../dead-letters/letter.ts";
import type { WholeRecord } from "./whole-record.ts";

const CauseDialog = later(async () => (await import("./cause-dialog.tsx")).CauseDialog, null);
const ReplayDialog = later(async () => (await import("./replay-dialog.tsx")).ReplayDialog, null);

export function RecordActions({ whole }: { whole: WholeRecord }) {
  const { message } = whole;
  const topic = useResource<TopicDetails>(apiPath("topics", message.topic)).data;
  const readOnly = useResource<AppConfig>("/api/config").data?.read_only ?? false;
  const [replaying, setReplaying] = useState<string | null>(null);
  const [seeking, setSeeking] = useState(false);
  const letter = toLetter(message);
  // A dead letter is run as the record that it was, by the function that could not handle it.
  const functions =
    topic?.role === "dlq"
      ? [letter.function].filter((name) => name !== null)
      : (topic?.consumers ?? []).map((one) => one.function);
  return (
    <div class="actions record-actions">
      {letter.origin && (
        <a class="button" href={recordHref(letter.origin)}>
          <Icon name="link" /> Open the record that failed
        </a>
      )}
      {topic?.role === "derived" && (
        <button type="button" class="button" onClick={() => setSeeking(true)}>
          <Icon name="link" /> Open its cause
        </button>
      )}
      {functions.map((name) => (
        <button
          key={name}
          type="button"
          class="button"
          disabled={readOnly}
          title={readOnly ? "The platform is read-only" : undefined}
          onClick={() => setReplaying(name)}
        >
          <Icon name="replay" /> Replay through {name}
        </button>
      ))}
      <a
        class="button"
        href={withQuery(pagePath("topics", letter.origin?.topic ?? message.topic), {
          tab: "produce",
          copy: `${message.topic}/${message.partition}:${message.offset}`,
        })}
      >
        <Icon name="plus" /> Produce a copy
      </a>
      {replaying !== null && (
        <ReplayDialog name={replaying} place={message} onClose={() => setReplaying(null)} />
      )}
      {seeking && <CauseDialog derived={message} onClose={() => setSeeking(false)} />}
    </div>
  );
}
