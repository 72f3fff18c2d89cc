/** One function: how it does, what it did, and what it would do. */
import { apiPath } from "../../data/api.ts";
import { useResource } from "../../data/resource.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Page } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { About } from "./about.tsx";
import { Headline } from "./headline.tsx";
import { InvocationDrawer } from "./invocation-drawer.tsx";
import { InvocationList } from "./invocation-list.tsx";
import { InvokeTab } from "./invoke.tsx";
import { ReplayTab } from "./replay.tsx";
import { useInvocations } from "./use-invocations.ts";
import { useReplay } from "./use-replay.ts";

export function FunctionPage({ name }: { name: string }) {
  const fn = useResource<FunctionInfo>(apiPath("functions", name), { everyMs: 3000 });
  // Kept here, so that a look at another tab does not lose them.
  const invocations = useInvocations(name, fn.data !== null);
  const replay = useReplay(name);
  return (
    <Page title={name} parent={{ label: "Functions", href: "/functions" }} lead={fn.data?.description}>
      <Loaded resource={fn} lines={10}>
        {(data) => (
          <div class="stack">
            <Headline fn={data} />
            <Tabs
              label={`Views of ${name}`}
              tabs={[
                {
                  id: "invocations",
                  label: "Invocations",
                  render: () => <InvocationList fn={data} invocations={invocations} />,
                },
                { id: "invoke", label: "Invoke", render: () => <InvokeTab fn={data} /> },
                { id: "replay", label: "Replay", render: () => <ReplayTab fn={data} replay={replay} /> },
                { id: "about", label: "About", render: () => <About fn={data} /> },
              ]}
            />
            <InvocationDrawer fn={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
