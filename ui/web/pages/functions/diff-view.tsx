/** What a replay gives otherwise than recorded, by the record that caused it. */
import { pagePath } from "../../data/location.ts";
import { recordHref } from "../../data/record-link.ts";
import { Diff } from "../../parts/diff.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { prettyJson } from "../../parts/pretty-json.ts";
import { Badge, type Tone } from "../../parts/status.tsx";
import {
  type CauseDiff,
  fieldLines,
  type InvocationDiff,
  type ListChange,
  type StateDiff,
} from "./diff-summary.ts";
import { Some } from "./fold.tsx";
import type { Emit, Invocation } from "./invocation.ts";
import { Part } from "./part.tsx";

const LABELS = { beforeLabel: "recorded", afterLabel: "replayed" };
const TONES: Readonly<Record<ListChange<unknown>["kind"], Tone>> = {
  added: "good",
  removed: "bad",
  changed: "warn",
  moved: "info",
};

export function DiffView({ diff, input }: { diff: InvocationDiff; input: Invocation["input"] }) {
  const { outcome, causes, logs, metrics } = diff;
  return (
    <div class="stack">
      {outcome && (
        <Part title="Outcome">
          <Diff before={textOf(outcome.before)} after={textOf(outcome.after)} {...LABELS} />
        </Part>
      )}
      <Some
        items={causes}
        render={(cause) => <Cause key={cause.cause ?? ""} cause={cause} input={input} />}
      />
      {logs.length > 0 && (
        <Part title="Logs" count={logs.length}>
          <Some items={logs} render={(change, index) => <Change key={index} change={change} />} />
        </Part>
      )}
      {metrics.length > 0 && (
        <Part title="Metrics" count={metrics.length}>
          <Some items={metrics} render={(change, index) => <Change key={index} change={change} />} />
        </Part>
      )}
    </div>
  );
}

/** Without the stack, which is for people. */
function textOf(outcome: NonNullable<InvocationDiff["outcome"]>["before"]): string {
  if (outcome.kind !== "error") return prettyJson(JSON.stringify(outcome));
  const { name, message } = outcome.error;
  return prettyJson(JSON.stringify({ kind: "error", error: { name, message } }));
}

function Cause({ cause, input }: { cause: CauseDiff; input: Invocation["input"] }) {
  const title =
    cause.cause === null
      ? input.kind === "tick"
        ? "The tick"
        : "No single record"
      : `Record ${cause.cause}`;
  return (
    <Part title={title}>
      {cause.cause !== null && input.kind === "batch" && (
        <p class="fold-label">
          <a href={recordHref({ topic: input.topic, partition: input.partition, offset: cause.cause })}>
            {`${input.topic}/${input.partition}:${cause.cause}`}
          </a>
        </p>
      )}
      {cause.failure && (
        <Diff
          before={cause.failure.before ?? "handled"}
          after={cause.failure.after ?? "handled"}
          {...LABELS}
        />
      )}
      <Some items={cause.emits} render={(change, index) => <EmitChange key={index} change={change} />} />
      <Some items={cause.state} render={(one) => <StateChange key={one.key ?? ""} one={one} />} />
    </Part>
  );
}

function EmitChange({ change }: { change: ListChange<Emit> }) {
  const { topic, key } = change.item;
  return (
    <div>
      <p class="fold-label">
        <Badge tone={TONES[change.kind]}>{change.kind}</Badge> <a href={pagePath("topics", topic)}>{topic}</a>
        {key !== null && <span class="mono json-key">{key}</span>}
      </p>
      <Sides change={change} value={change.item.value} />
    </div>
  );
}

function Change({ change }: { change: ListChange<object> }) {
  return (
    <div>
      <p class="fold-label">
        <Badge tone={TONES[change.kind]}>{change.kind}</Badge>
      </p>
      <Sides change={change} value={change.item} />
    </div>
  );
}

function Sides({ change, value }: { change: ListChange<unknown>; value: unknown }) {
  if (change.kind === "changed") return <Diff {...fieldLines(change.fields)} {...LABELS} />;
  if (change.kind === "moved") {
    return (
      <p class="quiet">
        From place {change.from + 1} to {change.at + 1}.
      </p>
    );
  }
  return <JsonTree json={JSON.stringify(value)} open={1} />;
}

function StateChange({ one }: { one: StateDiff }) {
  const lines =
    one.fields.length > 0
      ? fieldLines(one.fields)
      : { before: sideOf(one, "before"), after: sideOf(one, "after") };
  return (
    <div>
      <p class="fold-label">
        <Badge tone="warn">state</Badge> {one.key !== null && <span class="mono json-key">{one.key}</span>}
      </p>
      <Diff {...lines} {...LABELS} />
    </div>
  );
}

/** A side that did not set the key left it as it was. */
function sideOf(one: StateDiff, side: "before" | "after"): string {
  if (!Object.hasOwn(one, side)) return "(left as it was)";
  return one[side] === null ? "(forgotten)" : prettyJson(JSON.stringify(one[side]));
}
