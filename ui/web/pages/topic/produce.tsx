/** Writes a record by hand: a form made from the topic's schema, or JSON. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, apiPath, getJson, postText } from "../../data/api.ts";
import { useUrlState } from "../../data/location.ts";
import { idOf } from "../../data/message.ts";
import { parseId, type RecordPlace, recordHref } from "../../data/record-link.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, TopicDetails } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { prettyJson } from "../../parts/pretty-json.ts";
import { ErrorState, Loading } from "../../parts/states.tsx";
import { toast } from "../../parts/toast.tsx";
import { isOwnHeader } from "../dead-letters/letter.ts";
import type { TopicSchema } from "../schemas/use-schema.ts";
import { draftProblems, type ProduceDraft, toBody, withTime } from "./produce-draft.ts";
import { ProduceEnvelope } from "./produce-envelope.tsx";
import { ProduceValue } from "./produce-value.tsx";
import { loadWholeRecord } from "./use-whole-record.ts";

/** What the form begins with: a copy of a record, or the schema's sample. */
interface Start {
  readonly schema: TopicSchema;
  readonly draft: ProduceDraft;
}

export function Produce({ topic }: { topic: TopicDetails }) {
  const { query } = useUrlState();
  const [start, setStart] = useState<Start | Error | null>(null);
  const copy = query.copy;
  useEffect(() => {
    const own = new AbortController();
    setStart(null);
    begin(topic, parseId(copy), own.signal).then(setStart, (error: Error) => {
      if (!own.signal.aborted) setStart(error);
    });
    return () => own.abort();
  }, [topic.name, copy]);
  if (start === null) return <Loading lines={8} />;
  if (start instanceof Error) return <ErrorState error={start} />;
  return <ProduceForm key={copy} topic={topic} start={start} />;
}

async function begin(topic: TopicDetails, copied: RecordPlace | null, signal: AbortSignal): Promise<Start> {
  const schema = await getJson<TopicSchema>(apiPath("topics", topic.name, "schema"), signal);
  const empty: ProduceDraft = {
    keyFrom: topic.key === null ? "none" : "field",
    key: "",
    headers: [],
    partition: "",
    timestamp: "",
    value: JSON.stringify(withTime(schema.sample ?? {}, new Date()), null, 2),
    tombstone: false,
    validate: topic.defined,
  };
  if (!copied) return { schema, draft: empty };
  const { key, value, headers } = await loadWholeRecord(copied, signal);
  const own = headers.filter(({ name, text }) => isOwnHeader(name) && text !== null);
  const text = value?.text ?? "";
  return {
    schema,
    draft: {
      ...empty,
      keyFrom: key?.text == null ? "none" : "text",
      key: key?.text ?? "",
      headers: own.map((header) => ({ name: header.name, value: header.text! })),
      value: value?.isJson ? prettyJson(text) : text,
      tombstone: value === null,
    },
  };
}

function ProduceForm({ topic, start }: { topic: TopicDetails; start: Start }) {
  const { set } = useUrlState();
  const config = useResource<AppConfig>("/api/config").data;
  const [draft, setDraft] = useState(start.draft);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [written, setWritten] = useState<readonly RecordPlace[]>([]);
  const change = (patch: Partial<ProduceDraft>) => setDraft({ ...draft, ...patch });
  const problems = draftProblems(draft);

  const send = async () => {
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    setSending(true);
    try {
      const answer = await postText(`${apiPath("topics", topic.name)}/records`, toBody(draft));
      const place = JSON.parse(answer) as RecordPlace;
      setError(null);
      setWritten([place, ...written].slice(0, 10));
      toast("Written.", { tone: "good", link: { label: idOf(place), href: recordHref(place) } });
    } catch (cause) {
      setError(cause as Error);
    }
    setSending(false);
  };
  return (
    <form
      class="produce"
      aria-label={`A record for ${topic.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Card title="Value">
        <ProduceValue
          schema={start.schema}
          draft={draft}
          change={change}
          error={
            (tried && problems.value) ||
            (error instanceof ApiError && error.status === 422 ? error.message : null)
          }
        />
      </Card>
      <div class="stack">
        <Card title="Record">
          <ProduceEnvelope
            topic={topic}
            draft={draft}
            change={change}
            problem={tried ? problems.headers : undefined}
          />
        </Card>
        {error && !(error instanceof ApiError && error.status === 422) && <ErrorState error={error} />}
        <div class="actions">
          <button type="submit" class="button primary" disabled={sending || config?.read_only === true}>
            <Icon name="upload" /> {sending ? "Writing…" : "Write the record"}
          </button>
          {config?.read_only && <p class="quiet">The platform is read-only: nothing can be written.</p>}
        </div>
        {written.length > 0 && (
          <Card title="Written">
            <ul class="written">
              {written.map((place) => (
                <li key={idOf(place)}>
                  <button
                    type="button"
                    class="link"
                    onClick={() => set({ record: `${place.partition}:${place.offset}` }, { push: true })}
                  >
                    Partition {place.partition}, offset {place.offset}
                  </button>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </form>
  );
}
