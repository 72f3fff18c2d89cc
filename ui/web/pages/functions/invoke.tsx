/** A function run on an input that one may edit first. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, apiPath, getText, postText } from "../../data/api.ts";
import { useKeys } from "../../data/keys.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, FunctionInfo } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Diff } from "../../parts/diff.tsx";
import { TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { prettyJson } from "../../parts/pretty-json.ts";
import { Empty, ErrorState } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { toast } from "../../parts/toast.tsx";
import { type Draft, drafts, setDraft } from "./drafts.ts";
import type { Invocation, Outcome } from "./invocation.ts";
import { InvocationView } from "./invocation-view.tsx";
import { fetchInvocations } from "./use-invocations.ts";

const EMPTY: Draft = { text: "", baseline: null };

export function InvokeTab({ fn }: { fn: FunctionInfo }) {
  const readOnly = useResource<AppConfig>("/api/config").data?.read_only ?? false;
  const draft = drafts.value.get(fn.name) ?? EMPTY;
  const [result, setResult] = useState<{ invocation: Invocation; baseline: Draft["baseline"] } | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const mistake = draft.text === "" ? null : mistakeOf(draft.text);

  const fill = async (load: () => Promise<Draft>) => {
    try {
      setDraft(fn.name, await load());
    } catch (cause) {
      toast((cause as Error).message, { tone: "bad" });
    }
  };
  const sample = () =>
    fill(async () => ({
      text: prettyJson(await getText(`${apiPath("functions", fn.name)}/sample`)),
      baseline: null,
    }));
  const last = () =>
    fill(async () => {
      const one = (await fetchInvocations(fn.name, 1))[0];
      if (!one) throw new Error("It was not invoked yet: start from a sample.");
      return {
        text: prettyJson(JSON.stringify(one.input)),
        baseline: { outcome: one.outcome, label: "As recorded" },
      };
    });
  useEffect(() => {
    if (draft.text === "") void sample();
  }, []);

  const invoke = async () => {
    if (busy || readOnly || mistake !== null || draft.text === "") return;
    setBusy(true);
    setError(null);
    try {
      const answer = await postText(`${apiPath("functions", fn.name)}/invoke`, draft.text);
      const invocation = JSON.parse(answer) as Invocation;
      setResult({ invocation, baseline: draft.baseline });
      setDraft(fn.name, { ...draft, baseline: { outcome: invocation.outcome, label: "The run before" } });
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  };

  useKeys({ "mod+enter": { label: "Invoke", group: "Function", run: () => void invoke() } });

  return (
    <div class="invoke">
      <Card
        title="Input"
        aside={
          <div class="actions">
            <button type="button" class="button" onClick={() => void sample()}>
              Sample
            </button>
            <button type="button" class="button" onClick={() => void last()}>
              Last one
            </button>
          </div>
        }
      >
        <div class="stack">
          <TextField
            label={fn.kind === "producer" ? "A tick, as JSON" : "A batch of records, as JSON"}
            rows={24}
            value={draft.text}
            error={mistake}
            help="Edit it as you like; Ctrl or Cmd with Enter runs it. Nothing is written and no state is kept."
            onInput={(text) => setDraft(fn.name, { ...draft, text })}
          />
          <div class="actions">
            <button
              type="button"
              class="button primary"
              disabled={busy || readOnly || mistake !== null || draft.text === ""}
              title={readOnly ? "The platform is read-only" : undefined}
              onClick={() => void invoke()}
            >
              <Icon name="play" /> {busy ? "Running…" : "Invoke"}
            </button>
          </div>
        </div>
      </Card>
      <Card title="Result">
        <div role="status" class="stack">
          {error && <Refused error={error} />}
          {!error && !result && <Empty title="What the function gives shows here." />}
          {!error && result && <Result {...result} />}
        </div>
      </Card>
    </div>
  );
}

function mistakeOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

function Refused({ error }: { error: Error }) {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return (
    <>
      <ErrorState error={error} />
      {errors.length > 0 && (
        <ul class="refused">
          {errors.map((one, index) => (
            <li key={index}>
              {"offset" in one && <span class="mono">{String(one.offset)}: </span>}
              {one.detail}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Result({ invocation, baseline }: { invocation: Invocation; baseline: Draft["baseline"] }) {
  const whole = () => <InvocationView invocation={invocation} linked={false} />;
  if (!baseline) return whole();
  return (
    <Tabs
      label="Views of the result"
      param="result"
      tabs={[
        { id: "output", label: "Output", render: whole },
        {
          id: "diff",
          label: "Difference",
          render: () => (
            <Diff
              before={textOf(baseline.outcome)}
              after={textOf(invocation.outcome)}
              beforeLabel={baseline.label}
              afterLabel="Now"
            />
          ),
        },
      ]}
    />
  );
}

/** Without the stack, which is for people. */
function textOf(outcome: Outcome): string {
  if (outcome.kind !== "error") return prettyJson(JSON.stringify(outcome));
  const { name, message } = outcome.error;
  return prettyJson(JSON.stringify({ kind: "error", error: { name, message } }));
}
