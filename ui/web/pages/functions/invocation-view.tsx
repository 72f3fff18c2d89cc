/** All about one call of a function: what went in, what came out of each record, and how. */
import { formatDuration, formatTime, plural } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { recordHref } from "../../data/record-link.ts";
import { JsonTree } from "../../parts/json-tree.tsx";
import { Badge, Status } from "../../parts/status.tsx";
import { Fold, Some } from "./fold.tsx";
import {
  type Batch,
  byRecord,
  type Caused,
  type Emit,
  type Invocation,
  type StateChange,
  type Tick,
} from "./invocation.ts";
import { Logs, Metrics } from "./logs.tsx";
import { Part } from "./part.tsx";

export function InvocationView({ invocation, linked = true }: { invocation: Invocation; linked?: boolean }) {
  const { input, outcome, logs, metrics } = invocation;
  return (
    <div class="stack invocation">
      <Facts invocation={invocation} />
      {outcome.kind === "error" && <Thrown error={outcome.error} />}
      {outcome.kind === "invalid" && <p class="function-error">{outcome.message}</p>}
      {input.kind === "batch" ? (
        <BatchParts input={input} invocation={invocation} linked={linked} />
      ) : (
        <TickParts input={input} invocation={invocation} />
      )}
      <Logs logs={logs} />
      <Metrics metrics={metrics} />
      <Part title="Configuration it ran with">
        <JsonTree json={JSON.stringify(invocation.config)} open={1} />
      </Part>
    </div>
  );
}

function Facts({
  invocation: { outcome, trigger, attempt, now, seed, durationMs, codeHash },
}: {
  invocation: Invocation;
}) {
  return (
    <dl class="facts">
      <div>
        <dt>Outcome</dt>
        <dd>
          <Status value={outcome.kind} />
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{formatDuration(durationMs)}</dd>
      </div>
      <div>
        <dt>Trigger</dt>
        <dd>
          {trigger}
          {attempt > 1 && ` (attempt ${attempt})`}
        </dd>
      </div>
      <div>
        <dt>Its time</dt>
        <dd>{formatTime(new Date(now).toISOString(), new Date())}</dd>
      </div>
      <div>
        <dt>Seed</dt>
        <dd class="mono">{seed}</dd>
      </div>
      <div>
        <dt>Code</dt>
        <dd class="mono" title={codeHash}>
          {codeHash.slice(0, 12)}
        </dd>
      </div>
    </dl>
  );
}

function Thrown({ error }: { error: { name: string; message: string; stack?: string } }) {
  return (
    <Part title="What was thrown">
      <p class="function-error">
        {error.name}: {error.message}
      </p>
      {error.stack && (
        <Fold summary="Stack">
          {() => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
            <section class="code" aria-label="Stack" tabIndex={0}>
              <pre>{error.stack}</pre>
            </section>
          )}
        </Fold>
      )}
    </Part>
  );
}

function BatchParts({
  input,
  invocation,
  linked,
}: {
  input: Batch;
  invocation: Invocation;
  linked: boolean;
}) {
  const { outcome } = invocation;
  const caused = byRecord(input, outcome);
  const changes = outcome.kind === "ok" ? ((outcome.output.state ?? []) as readonly StateChange[]) : [];
  return (
    <>
      <Part title="Records and what each led to" count={caused.length}>
        <Some
          items={caused}
          render={(one) => (
            <Fold key={one.record.offset} open={caused.length === 1} summary={<CausedSummary one={one} />}>
              {() => <CausedParts one={one} input={input} linked={linked} />}
            </Fold>
          )}
        />
      </Part>
      <States before={input.state} changes={changes} />
    </>
  );
}

function CausedSummary({ one: { record, emits, failure } }: { one: Caused }) {
  return (
    <>
      <span class="mono">{record.offset}</span>{" "}
      {record.key !== null && <span class="mono json-key">{record.key} </span>}
      {failure !== null ? (
        <Badge tone="bad">failed</Badge>
      ) : (
        <span class="quiet">→ {emits.length === 0 ? "nothing" : plural(emits.length, "record")}</span>
      )}
    </>
  );
}

function CausedParts({ one, input, linked }: { one: Caused; input: Batch; linked: boolean }) {
  const { record, emits, failure } = one;
  return (
    <div class="stack">
      <div>
        <p class="fold-label">
          In
          {linked && (
            <a href={recordHref({ topic: input.topic, partition: input.partition, offset: record.offset })}>
              {`${input.topic}/${input.partition}:${record.offset}`}
            </a>
          )}
        </p>
        <JsonTree json={JSON.stringify(record.value)} open={1} />
      </div>
      {failure !== null && <p class="function-error">{failure}</p>}
      <Emits emits={emits} />
    </div>
  );
}

function Emits({ emits }: { emits: readonly Emit[] }) {
  return (
    <Some
      items={emits}
      render={({ topic, key, value }, index) => (
        <div key={index}>
          <p class="fold-label">
            Out <a href={pagePath("topics", topic)}>{topic}</a>
            {key !== null && <span class="mono json-key">{key}</span>}
          </p>
          <JsonTree json={JSON.stringify(value)} open={1} />
        </div>
      )}
    />
  );
}

function TickParts({ input, invocation: { outcome } }: { input: Tick; invocation: Invocation }) {
  const { state, ...tick } = input;
  const output = outcome.kind === "ok" ? outcome.output : {};
  const emits = output.emit ?? [];
  return (
    <>
      <Part title="Tick">
        <JsonTree json={JSON.stringify(tick)} open={1} />
      </Part>
      <Part title="Emitted records" count={emits.length}>
        {emits.length === 0 ? <p class="quiet">None at this tick.</p> : <Emits emits={emits} />}
      </Part>
      {(state !== null || output.state !== undefined) && (
        <Part title="State">
          <Fold summary="Before">{() => <JsonTree json={JSON.stringify(state)} open={2} />}</Fold>
          {output.state !== undefined && (
            <Fold summary="After">{() => <JsonTree json={JSON.stringify(output.state)} open={2} />}</Fold>
          )}
        </Part>
      )}
    </>
  );
}

function States({ before, changes }: { before: Batch["state"]; changes: readonly StateChange[] }) {
  if (changes.length === 0) return null;
  return (
    <Part title="Changes of state" count={changes.length}>
      <Some
        items={changes}
        render={({ key, value }) => {
          const was = Object.hasOwn(before, key) ? before[key] : null;
          const what = value === null ? "forgotten" : was === null ? "new" : "changed";
          return (
            <Fold
              key={key}
              summary={
                <>
                  <span class="mono json-key">{key}</span> <span class="quiet">{what}</span>
                </>
              }
            >
              {() => (
                <div class="stack">
                  {was !== null && (
                    <div>
                      <p class="fold-label">Before</p>
                      <JsonTree json={JSON.stringify(was)} open={2} />
                    </div>
                  )}
                  {value !== null && (
                    <div>
                      <p class="fold-label">After</p>
                      <JsonTree json={JSON.stringify(value)} open={2} />
                    </div>
                  )}
                </div>
              )}
            </Fold>
          );
        }}
      />
    </Part>
  );
}
