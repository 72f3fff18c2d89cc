import { formatTime } from "../../data/format.ts";
import { useNarrow } from "../../data/narrow.ts";
import { Empty } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import type { Alert } from "./alert.ts";

const ROW_HEIGHT = 34;
const NARROW_ROW_HEIGHT = 58;
/** No list is lower than so many rows, or higher. */
const MOST_ROWS = 16;
const LEAST_ROWS = 5;

export interface AlertListProps {
  /** The newest first. */
  readonly alerts: readonly Alert[];
  readonly selectedId: string | null;
  readonly onOpen: (alert: Alert) => void;
}

export function AlertList({ alerts, selectedId, onOpen }: AlertListProps) {
  const rowHeight = useNarrow() ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const now = new Date();
  const rows = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, alerts.length));
  return (
    <VirtualList
      label="Alerts, the newest first"
      items={alerts}
      keyOf={({ id }) => id}
      rowHeight={rowHeight}
      height={`${rows * rowHeight}px`}
      selectedKey={selectedId}
      onOpen={onOpen}
      follow="start"
      empty={<Empty title="No alerts.">None in this time is of what the filter asks for.</Empty>}
      render={({ timestamp, severity, about, title, topic }) => (
        <div class="alert">
          <time dateTime={timestamp ?? ""}>{formatTime(timestamp, now)}</time>
          <span class="alert-severity">
            <Status value={severity} />
          </span>
          <b>{about}</b>
          <span class="alert-title">{title}</span>
          <span class="quiet">{topic}</span>
        </div>
      )}
    />
  );
}
