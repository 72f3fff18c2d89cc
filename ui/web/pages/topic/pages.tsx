/** Records page by page, each below the one before. */
import { useEffect, useRef, useState } from "preact/hooks";
import { getText } from "../../data/api.ts";
import { plural } from "../../data/format.ts";
import { type Message, parsePage } from "../../data/message.ts";
import { Card } from "../../parts/card.tsx";
import { Empty, ErrorState, Loading } from "../../parts/states.tsx";
import type { ResultsProps } from "./browse.tsx";
import { goesBack, pageUrl } from "./browse-query.ts";
import { MessageList } from "./message-list.tsx";

export function Pages({ topic, browse, selectedId, onOpen, onError }: ResultsProps) {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<Error | null>(null);
  const life = useRef(new AbortController());
  const back = goesBack(browse.mode);

  const load = async (token: string | null) => {
    setLoading(true);
    const { signal } = life.current;
    try {
      const page = parsePage(await getText(pageUrl(topic, browse, token), signal));
      // A page is in the order of time; going back, each page is what was before all that is shown.
      setMessages((before) => [...before, ...(back ? [...page.messages].reverse() : page.messages)]);
      setNext(page.nextPageToken);
      setError(null);
      onError(null);
    } catch (cause) {
      if (signal.aborted) return;
      setError(cause as Error);
      onError(cause as Error);
    }
    setLoading(false);
  };
  useEffect(() => {
    life.current = new AbortController();
    void load(null);
    return () => life.current.abort();
  }, []);

  if (messages.length === 0) {
    if (loading) return <Loading lines={10} label="Loading records" />;
    if (error) return <ErrorState error={error} onRetry={() => void load(null)} />;
    return (
      <Empty title="There is no record there.">Another start, or another partition, may have some.</Empty>
    );
  }
  return (
    <Card flush>
      <MessageList
        label={`Records of ${topic}, ${back ? "newest" : "oldest"} first`}
        messages={messages}
        selectedId={selectedId}
        onOpen={onOpen}
      />
      <div class="results-foot">
        <p class="quiet" role="status">
          {plural(messages.length, "record")}
          {next === null && !loading && (back ? ", to the beginning" : ", to the end")}
        </p>
        {error && <p class="field-error">{error.message}</p>}
        {next !== null && (
          <button type="button" class="button" disabled={loading} onClick={() => void load(next)}>
            {loading ? "Loading…" : back ? "Older records" : "Newer records"}
          </button>
        )}
      </div>
    </Card>
  );
}
