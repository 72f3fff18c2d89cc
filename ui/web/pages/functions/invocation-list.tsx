/** What a function did, as it does it. */
import { useState } from "preact/hooks";
import { formatCount, formatDuration, formatTime, plural } from "../../data/format.ts";
import { useKeys } from "../../data/keys.ts";
import { useUrlState } from "../../data/location.ts";
import type { FunctionInfo, InvocationEvent } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { SelectField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Empty, ErrorState, Loading } from "../../parts/states.tsx";
import { Status } from "../../parts/status.tsx";
import { VirtualList } from "../../parts/virtual-list.tsx";
import type { Invocations } from "./use-invocations.ts";

const SHOWN = [
  { value: "", label: "All" },
  { value: "work", label: "With records" },
  { value: "failed", label: "Failed" },
];

const isShown = ({ outcome, records, emits }: InvocationEvent, show: string): boolean => {
  if (show === "failed") return outcome !== "ok";
  return show !== "work" || records > 0 || emits > 0;
};

export function InvocationList({ fn, invocations }: { fn: FunctionInfo; invocations: Invocations }) {
  const { query, set } = useUrlState();
  const { list, loading, error, dropped, paused, pause } = invocations;
  const show = query.show ?? "";
  const shown = list.filter((one) => isShown(one, show));
  useKeys({ p: { label: "Pause or go on", group: "Lists", run: () => pause(!paused) } });
  const [now] = useState(() => new Date());
  return (
    <Card
      title="Invocations"
      flush
      aside={
        <div class="filters">
          <span class="quiet number">
            {plural(shown.length, "invocation")}
            {dropped > 0 && `, ${formatCount(dropped)} left out as too many to read`}
          </span>
          <SelectField
            label="Show"
            hideLabel
            value={show}
            options={SHOWN}
            onChange={(value) => set({ show: value })}
          />
          <button
            type="button"
            class="button"
            aria-pressed={paused}
            title="Pause (p)"
            onClick={() => pause(!paused)}
          >
            <Icon name={paused ? "play" : "pause"} /> {paused ? "Go on" : "Pause"}
          </button>
        </div>
      }
    >
      {error && list.length === 0 && <ErrorState error={error} />}
      {loading && list.length === 0 && <Loading lines={10} />}
      {!loading && !error && (
        <VirtualList
          label={`Invocations of ${fn.name}, newest first`}
          items={shown}
          keyOf={({ id }) => id}
          render={(one) => <Row one={one} now={now} />}
          height="min(60vh, 640px)"
          follow="start"
          selectedKey={query.invocation ?? null}
          onOpen={({ id }) => set({ invocation: id })}
          empty={
            <Empty title={list.length === 0 ? "It was not invoked yet." : "None of these."}>
              {fn.kind === "consumer"
                ? "It is when records come, and each shows here."
                : "It is at each tick of its clock, and each shows here."}
            </Empty>
          }
        />
      )}
    </Card>
  );
}

function Row({ one, now }: { one: InvocationEvent; now: Date }) {
  return (
    <span class="invocation-row">
      <span class="mono quiet">{formatTime(one.at, now)}</span>
      <Status value={one.outcome} />
      <span class="invocation-what">
        {one.error ?? (
          <>
            <span class="invocation-in">
              <Input one={one} />
            </span>
            <span aria-hidden="true" class="quiet">
              →
            </span>
            <span class={one.emits === 0 ? "quiet" : undefined}>{plural(one.emits, "record")}</span>
          </>
        )}
      </span>
      <span class="quiet number wide">{one.trigger}</span>
      <span class="number mono">{formatDuration(one.duration_ms)}</span>
    </span>
  );
}

function Input({ one: { partition, records, first_offset, last_offset } }: { one: InvocationEvent }) {
  if (partition === null) return <>tick</>;
  const offsets = first_offset === last_offset ? first_offset : `${first_offset}–${last_offset}`;
  return (
    <>
      {plural(records, "record")}
      <span class="wide quiet">{` (${partition}:${offsets})`}</span>
    </>
  );
}
