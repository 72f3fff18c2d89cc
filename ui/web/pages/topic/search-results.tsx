/** What a search has found so far, and how far it is. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatDuration, plural } from "../../data/format.ts";
import type { Message } from "../../data/message.ts";
import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, ErrorState } from "../../parts/states.tsx";
import type { ResultsProps } from "./browse.tsx";
import { searchUrl } from "./browse-query.ts";
import { MessageList } from "./message-list.tsx";
import { type Done, type Progress, runSearch } from "./search.ts";

type State =
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly done: Done }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly error: Error };

export function Search({ topic, browse, selectedId, onOpen, onError }: ResultsProps) {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [state, setState] = useState<State>({ kind: "running" });
  const running = useRef(new AbortController());

  const run = async (token: string | null) => {
    const own = new AbortController();
    running.current = own;
    setState({ kind: "running" });
    setProgress(null);
    let waiting: Message[] = [];
    let frame = 0;
    const show = () => {
      frame = 0;
      const batch = waiting;
      waiting = [];
      setMessages((before) => [...before, ...batch]);
    };
    try {
      const listener = {
        onMessages(found: readonly Message[]) {
          waiting.push(...found);
          if (frame === 0) frame = requestAnimationFrame(show);
        },
        onProgress: setProgress,
      };
      const done = await runSearch(searchUrl(topic, browse, token), listener, own.signal);
      setProgress(done);
      setState({ kind: "done", done });
      onError(null);
    } catch (error) {
      if (own.signal.aborted) return;
      setState({ kind: "failed", error: error as Error });
      onError(error as Error);
    }
  };
  useEffect(() => {
    void run(null);
    return () => running.current.abort();
  }, []);

  const cancel = () => {
    running.current.abort();
    setState({ kind: "cancelled" });
  };
  return (
    <Card flush>
      <SearchStatus state={state} progress={progress} onCancel={cancel} />
      {messages.length > 0 ? (
        <MessageList
          label={`Records found on ${topic}`}
          messages={messages}
          selectedId={selectedId}
          onOpen={onOpen}
        />
      ) : (
        <div class="messages-none">
          {state.kind === "done" && (
            <Empty title="No record matches.">
              The search went through all that there was when it began.
            </Empty>
          )}
          {state.kind === "failed" && <ErrorState error={state.error} onRetry={() => void run(null)} />}
        </div>
      )}
      {messages.length > 0 && state.kind === "failed" && (
        <p class="field-error results-foot">{state.error.message}</p>
      )}
      {state.kind === "done" && state.done.limit_reached && <More done={state.done} onMore={run} />}
    </Card>
  );
}

interface SearchStatusProps {
  readonly state: State;
  readonly progress: Progress | null;
  readonly onCancel: () => void;
}

const WORDS = { running: "Searching", done: "Searched", cancelled: "Cancelled", failed: "Stopped" } as const;

function SearchStatus({ state, progress, onCancel }: SearchStatusProps) {
  const { scanned = 0, total = 0, matched = 0, elapsed_ms = 0 } = progress ?? {};
  const errors = state.kind === "done" ? state.done.filter_errors : null;
  return (
    <div class="search-status">
      {(state.kind === "running" || progress !== null) && (
        <progress
          aria-label="How far the search is"
          max={Math.max(total, 1)}
          {...(progress !== null && { value: state.kind === "done" ? Math.max(total, 1) : scanned })}
        />
      )}
      <p role="status">
        <b>{WORDS[state.kind]}</b>
        {progress !== null && (
          <span>
            {" "}
            {formatCount(scanned)} of {plural(total, "record")} in {formatDuration(elapsed_ms)},{" "}
            {formatCount(matched)} found
          </span>
        )}
      </p>
      {errors && (
        <p class="search-errors">
          <Icon name="warning" /> The filter could not be evaluated on {plural(errors.count, "record")}:{" "}
          {errors.first}
        </p>
      )}
      <button type="button" class="button" disabled={state.kind !== "running"} onClick={onCancel}>
        <Icon name="stop" /> Cancel
      </button>
    </div>
  );
}

function More({ done, onMore }: { done: Done; onMore: (token: string | null) => void }) {
  const token = done.next_page_token ?? null;
  return (
    <div class="results-foot">
      <p class="quiet">It ended because it had found as many as were asked for.</p>
      {token !== null && (
        <button type="button" class="button" onClick={() => onMore(token)}>
          Search on
        </button>
      )}
    </div>
  );
}
