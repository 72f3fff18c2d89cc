/** The invocation that the address names, whole; and what can be done with it. */
import { useEffect, useState } from "preact/hooks";
import { useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { AppConfig, FunctionInfo } from "../../data/types.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Icon } from "../../parts/icon.tsx";
import { prettyJson } from "../../parts/pretty-json.ts";
import { Empty, ErrorState, Loading } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { DiffView } from "./diff-view.tsx";
import { setDraft } from "./drafts.ts";
import type { Invocation } from "./invocation.ts";
import { InvocationView } from "./invocation-view.tsx";
import { fetchInvocations } from "./use-invocations.ts";
import { type Replayed, replayAll } from "./use-replay.ts";

/** First those that one most likely opens, then all that are kept: they may be large. */
const LIMITS = [20, 1000];

type Loaded = Invocation | "loading" | "gone" | Error;

function useInvocation(name: string, id: string): Loaded {
  const [loaded, setLoaded] = useState<{ id: string; what: Loaded }>({ id, what: "loading" });
  useEffect(() => {
    const own = new AbortController();
    const load = async (): Promise<Loaded> => {
      for (const limit of LIMITS) {
        const kept = await fetchInvocations(name, limit, own.signal);
        const found = kept.find((one) => one.id === id);
        if (found) return found;
        if (kept.length < limit) break;
      }
      return "gone";
    };
    load()
      .catch((error: Error) => error)
      .then((what) => !own.signal.aborted && setLoaded({ id, what }));
    return () => own.abort();
  }, [name, id]);
  return loaded.id === id ? loaded.what : "loading";
}

export function InvocationDrawer({ fn }: { fn: FunctionInfo }) {
  const { query, set } = useUrlState();
  const id = query.invocation;
  if (id === undefined) return null;
  return (
    <Drawer title="Invocation" onClose={() => set({ invocation: null })}>
      <Contents key={id} fn={fn} id={id} />
    </Drawer>
  );
}

function Contents({ fn, id }: { fn: FunctionInfo; id: string }) {
  const loaded = useInvocation(fn.name, id);
  if (loaded === "loading") return <Loading lines={10} label="Loading the invocation" />;
  if (loaded instanceof Error) return <ErrorState error={loaded} />;
  if (loaded === "gone") {
    return (
      <Empty title="It is not kept any more.">
        The platform keeps the last invocations of a function. To keep more, use <code>ksp capture</code>.
      </Empty>
    );
  }
  return (
    <div class="stack">
      <Actions fn={fn} invocation={loaded} />
      <InvocationView invocation={loaded} />
    </div>
  );
}

function Actions({ fn, invocation }: { fn: FunctionInfo; invocation: Invocation }) {
  const { set } = useUrlState();
  const readOnly = useResource<AppConfig>("/api/config").data?.read_only ?? false;
  const [replayed, setReplayed] = useState<Replayed | "running" | null>(null);
  const title = readOnly ? "The platform is read-only" : undefined;
  const edit = () => {
    setDraft(fn.name, {
      text: prettyJson(JSON.stringify(invocation.input)),
      baseline: { outcome: invocation.outcome, label: "As recorded" },
    });
    set({ invocation: null, tab: "invoke" }, { push: true });
  };
  const replay = async () => {
    setReplayed("running");
    for await (const [one] of replayAll(fn.name, [JSON.stringify(invocation)])) setReplayed(one ?? null);
  };
  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="button primary"
          disabled={readOnly || replayed === "running"}
          title={title}
          onClick={() => void replay()}
        >
          <Icon name="replay" /> Replay
        </button>
        <button type="button" class="button" disabled={readOnly} title={title} onClick={edit}>
          <Icon name="play" /> Edit and invoke
        </button>
        <CopyButton wide label="Copy as JSON" text={() => JSON.stringify(invocation, null, 2)} />
      </div>
      <div role="status" class="replay-answer">
        {replayed === "running" && <p class="quiet">Running it again…</p>}
        {replayed !== null && replayed !== "running" && (
          <Answer replayed={replayed} invocation={invocation} />
        )}
      </div>
    </>
  );
}

function Answer({ replayed, invocation }: { replayed: Replayed; invocation: Invocation }) {
  if (replayed.kind === "problem") return <ErrorState error={replayed.error} />;
  const { diff, code_changed } = replayed.result;
  return (
    <>
      <p>
        <Badge tone={diff.same ? "good" : "warn"}>{diff.same ? "the same" : "different"}</Badge> as recorded,
        with {code_changed ? "other code than then" : "the same code"}. Nothing was written.
      </p>
      {!diff.same && <DiffView diff={diff} input={invocation.input} />}
    </>
  );
}
