/** What comes in on a topic, newest first. It stands still while it is paused, or while a record is open beside it. */
import { useMemo, useRef, useState } from "preact/hooks";
import { formatCount, formatRate, plural } from "../../data/format.ts";
import { useKeys } from "../../data/keys.ts";
import { topicRates } from "../../data/live.ts";
import { useUrlState } from "../../data/location.ts";
import type { Message } from "../../data/message.ts";
import { connection } from "../../data/stream.ts";
import { Card } from "../../parts/card.tsx";
import { TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, Loading } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { MessageList } from "./message-list.tsx";
import { clearTail, type Tail, textMatcher } from "./tail.ts";
import { useTail } from "./use-tail.ts";

export interface LiveProps {
  readonly topic: string;
  readonly selectedId: string | null;
  readonly onOpen: (message: Message) => void;
}

export function Live({ topic, selectedId, onOpen }: LiveProps) {
  const { query, set } = useUrlState();
  const { tail, started, error } = useTail(topic);
  const [paused, setPaused] = useState(false);
  const text = query.q ?? "";
  const matches = useMemo(() => textMatcher(text), [text]);
  const shown = useHeld(tail.value, paused || selectedId !== null);
  const rows = useMemo(() => (matches ? shown.rows.filter(matches) : shown.rows), [shown.rows, matches]);
  const missed = tail.value.received - shown.received;
  useKeys({ p: { label: paused ? "Go on" : "Pause", group: "Live", run: () => setPaused(!paused) } });

  return (
    <Card
      flush
      class="live"
      aside={
        <div class="toolbar">
          <TextField
            label="Filter the records shown"
            hideLabel
            type="search"
            placeholder="Key, value or header contains…"
            value={text}
            onInput={(q) => set({ q })}
          />
          <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            <Icon name={paused ? "play" : "pause"} /> {paused ? "Go on" : "Pause"}
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              tail.value = clearTail(tail.peek());
            }}
          >
            Clear
          </button>
          <LiveStatus topic={topic} tail={tail.value} held={shown !== tail.value} missed={missed} />
        </div>
      }
    >
      {error.value && (
        <p class="stale" role="status">
          <Icon name="warning" /> What was there before could not be loaded: {error.value.message}
        </p>
      )}
      {rows.length > 0 ? (
        <MessageList
          label={`Records of ${topic} as they come in, newest first`}
          messages={rows}
          selectedId={selectedId}
          onOpen={onOpen}
          follow="start"
          tall
        />
      ) : (
        <div class="messages-none">{started.value ? <Nothing text={text} /> : <Loading lines={8} />}</div>
      )}
    </Card>
  );
}

/** The tail, or what it was when it was last let go on. */
function useHeld(tail: Tail, held: boolean): Tail {
  const kept = useRef(tail);
  // What is held was there: a record that the address opens from the start must not hold an empty list.
  if (!held || kept.current.rows.length === 0) kept.current = tail;
  return kept.current;
}

interface StatusProps {
  readonly topic: string;
  readonly tail: Tail;
  readonly held: boolean;
  readonly missed: number;
}

/** How fast the topic grows and how much of it is shown. No live region: it changes every second. */
function LiveStatus({ topic, tail, held, missed }: StatusProps) {
  const rate = topicRates.value.get(topic)?.at(-1)?.value;
  const isLive = connection.value.state === "live";
  return (
    <p class="live-status">
      <span>
        <b>{rate === undefined ? "–" : formatRate(rate)}</b> records/s
      </span>
      <span>
        <b>{formatCount(tail.received)}</b> received
      </span>
      {tail.dropped > 0 && (
        <span title="The server shows at most 100 records a second, and none that the page has no time for.">
          <b>{formatCount(tail.dropped)}</b> left out
        </span>
      )}
      {held ? (
        <Badge tone="warn">Held{missed > 0 && `: ${plural(missed, "new record")}`}</Badge>
      ) : (
        <Badge tone={isLive ? "good" : "warn"}>{isLive ? "Live" : "Not connected"}</Badge>
      )}
    </p>
  );
}

function Nothing({ text }: { text: string }) {
  const { href } = useUrlState();
  if (text.trim() === "") {
    return <Empty title="No record yet.">What is written to this topic shows here as it comes in.</Empty>;
  }
  return (
    <Empty title="None of the records shown contains this text.">
      <a href={href({ tab: "browse" })}>Search the whole topic for it</a>
    </Empty>
  );
}
