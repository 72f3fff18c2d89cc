/** Records below each other, each cut to what fits: the drawer shows the whole. */
import type { ComponentChildren } from "preact";
import { formatBytes, formatTime } from "../../data/format.ts";
import { dataOf, idOf, type Message } from "../../data/message.ts";
import { useNarrow } from "../../data/narrow.ts";
import { VirtualList } from "../../parts/virtual-list.tsx";

export interface MessageListProps {
  readonly label: string;
  readonly messages: readonly Message[];
  readonly selectedId: string | null;
  readonly onOpen: (message: Message) => void;
  /** At which end new ones come in. */
  readonly follow?: "start" | "end";
  /** As tall as the screen allows from the start, for a list that grows by itself; else as tall as its rows. */
  readonly tall?: boolean;
  /** In place of the value: for lists of records whose value is not what they are looked at for. */
  readonly text?: (message: Message) => string;
  /** Says the topic too. */
  readonly topics?: boolean;
}

/** No more of a value than a wide screen shows of it on one line. */
const SHOWN = 400;

const ROW_HEIGHT = 30;
const NARROW_ROW_HEIGHT = 54;

/** What is left of a page below its head, on a screen that has as much. */
const HEIGHT = "max(360px, 100dvh - 290px)";

export function MessageList({
  label,
  messages,
  selectedId,
  onOpen,
  follow,
  tall = false,
  text,
  topics = false,
}: MessageListProps) {
  const rowHeight = useNarrow() ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const now = new Date();
  return (
    <div class={`messages ${topics ? "of-topics" : ""}`}>
      <div class="message head" aria-hidden="true">
        <span>Time</span>
        <span>{topics ? "Topic" : "Partition"}</span>
        <span>Offset</span>
        <span>Key</span>
        <span>{text ? "Reason" : "Value"}</span>
        <span class="number">Size</span>
      </div>
      <VirtualList
        label={label}
        items={messages}
        keyOf={idOf}
        rowHeight={rowHeight}
        height={tall ? HEIGHT : `min(${messages.length * rowHeight}px, ${HEIGHT})`}
        selectedKey={selectedId}
        onOpen={onOpen}
        {...(follow && { follow })}
        render={(message) => <Row message={message} now={now} topics={topics} text={text} />}
      />
    </div>
  );
}

interface RowProps {
  readonly message: Message;
  readonly now: Date;
  readonly topics: boolean;
  readonly text: ((message: Message) => string) | undefined;
}

function Row({ message, now, topics, text }: RowProps): ComponentChildren {
  const { topic, partition, offset, timestamp, key, valueSize } = message;
  return (
    <div class="message">
      <time dateTime={timestamp ?? ""}>{formatTime(timestamp, now)}</time>
      <span class="message-partition">{topics ? topic : partition}</span>
      <span class="message-offset">{topics ? `${partition}:${offset}` : offset}</span>
      <span class="message-key">
        {key ? key.slice(0, SHOWN) : <i class="quiet">{key === null ? "no key" : "empty"}</i>}
      </span>
      <span class="message-value">{text ? text(message).slice(0, SHOWN) : <Value message={message} />}</span>
      <span class="number quiet">{valueSize === null ? "–" : formatBytes(valueSize)}</span>
    </div>
  );
}

/** JSON as it is written; what is text is shown without the quotes and escapes that carry it here. */
function Value({ message }: { message: Message }): ComponentChildren {
  const { valueJson, valueSize } = message;
  if (valueJson === "null" && valueSize === null) return <i class="quiet">tombstone</i>;
  if (valueSize === 0) return <i class="quiet">empty</i>;
  return (valueJson.startsWith('"') ? String(dataOf(message)) : valueJson).slice(0, SHOWN);
}
