/** All about one record. */
import type { ComponentChildren } from "preact";
import { formatAgo, formatBytes, formatTime } from "../../data/format.ts";
import { useKeys } from "../../data/keys.ts";
import { pagePath } from "../../data/location.ts";
import { type RecordPlace, recordHref } from "../../data/record-link.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Icon } from "../../parts/icon.tsx";
import { ErrorState, Loading } from "../../parts/states.tsx";
import { RecordActions } from "./record-actions.tsx";
import { RecordValue } from "./record-value.tsx";
import { useWholeRecord } from "./use-whole-record.ts";
import { shownText, type WholeRecord } from "./whole-record.ts";

export interface RecordDrawerProps {
  readonly place: RecordPlace;
  readonly onClose: () => void;
  /** Shows another record of the same partition in its place. */
  readonly onGo: (place: RecordPlace) => void;
  /** Between the record's place and its parts. */
  readonly children?: (whole: WholeRecord) => ComponentChildren;
}

const beside = (place: RecordPlace, by: bigint): RecordPlace => ({
  ...place,
  offset: String(BigInt(place.offset) + by),
});

export function RecordDrawer({ place, onClose, onGo, children }: RecordDrawerProps) {
  const loading = useWholeRecord(place);
  const isFirst = place.offset === "0";
  const previous = () => !isFirst && onGo(beside(place, -1n));
  const next = () => onGo(beside(place, 1n));
  useKeys({
    "[": { label: "The record before, of the partition", group: "Record", run: previous },
    "]": { label: "The record after, of the partition", group: "Record", run: next },
  });
  return (
    <Drawer
      title={`${place.topic} / ${place.partition} : ${place.offset}`}
      onClose={onClose}
      actions={
        <>
          <button
            type="button"
            class="button quiet icon-only before"
            title="The record before ([)"
            aria-label="The record before"
            disabled={isFirst}
            onClick={previous}
          >
            <Icon name="chevron" />
          </button>
          <button
            type="button"
            class="button quiet icon-only"
            title="The record after (])"
            aria-label="The record after"
            onClick={next}
          >
            <Icon name="chevron" />
          </button>
          <CopyButton label="Copy the link" text={() => new URL(recordHref(place), location.href).href} />
        </>
      }
    >
      {loading.kind === "loading" && <Loading lines={10} label="Loading the record" />}
      {loading.kind === "failed" && <ErrorState error={loading.error} onRetry={loading.retry} />}
      {loading.kind === "loaded" && (
        <div class="record">
          <Facts whole={loading.whole} />
          {children?.(loading.whole)}
          <RecordActions whole={loading.whole} />
          <Key whole={loading.whole} />
          <Headers whole={loading.whole} />
          <RecordValue whole={loading.whole} />
        </div>
      )}
    </Drawer>
  );
}

function Facts({ whole: { message } }: { whole: WholeRecord }) {
  const { topic, partition, offset, timestamp, keySize, valueSize, schema } = message;
  const now = new Date();
  const size = (bytes: number | null) => (bytes === null ? "none" : formatBytes(bytes));
  return (
    <dl class="facts">
      <div class="facts-long">
        <dt>Topic</dt>
        <dd>
          <a href={pagePath("topics", topic)}>{topic}</a>
        </dd>
      </div>
      <div>
        <dt>Partition</dt>
        <dd>{partition}</dd>
      </div>
      <div>
        <dt>Offset</dt>
        <dd>{offset}</dd>
      </div>
      <div class="facts-long">
        <dt>Timestamp</dt>
        <dd title={timestamp ?? undefined}>
          {formatTime(timestamp, now)}{" "}
          {timestamp !== null && <span class="quiet">{formatAgo(Date.parse(timestamp), now.getTime())}</span>}
        </dd>
      </div>
      <div>
        <dt>Key</dt>
        <dd>{size(keySize)}</dd>
      </div>
      <div>
        <dt>Value</dt>
        <dd>{size(valueSize)}</dd>
      </div>
      {schema && (
        <div class="facts-long">
          <dt>Avro schema</dt>
          <dd>
            id {schema.id}
            {schema.version !== null && `, version ${schema.version}`}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Key({ whole: { key } }: { whole: WholeRecord }) {
  return (
    <section class="record-part" aria-labelledby="record-key">
      <div class="record-part-head">
        <h3 id="record-key">Key</h3>
        {key && <CopyButton label="Copy the key" text={shownText(key)} />}
      </div>
      {key ? <p class="record-text mono">{shownText(key)}</p> : <p class="quiet">It has no key.</p>}
    </section>
  );
}

function Headers({ whole: { headers } }: { whole: WholeRecord }) {
  return (
    <section class="record-part" aria-labelledby="record-headers">
      <div class="record-part-head">
        <h3 id="record-headers">Headers</h3>
        {headers.length > 0 && (
          <CopyButton
            label="Copy the headers"
            text={() =>
              JSON.stringify(
                headers.map((header) => [header.name, shownText(header)]),
                null,
                2,
              )
            }
          />
        )}
      </div>
      {headers.length === 0 && <p class="quiet">It has none.</p>}
      <dl class="record-headers mono">
        {headers.map((header, at) => (
          <div key={at}>
            <dt>{header.name}</dt>
            <dd>{shownText(header)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
