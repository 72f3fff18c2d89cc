/** In ten seconds: what flows, what lags, what is wrong. */
import { useResource } from "../../data/resource.ts";
import type { FunctionInfo, Topic } from "../../data/types.ts";
import { Page } from "../../parts/page.tsx";
import { Alerts } from "./alerts.tsx";
import { Functions } from "./functions.tsx";
import { Groups } from "./groups.tsx";
import { Headline } from "./headline.tsx";
import { Topics } from "./topics.tsx";
import { useAlerts } from "./use-alerts.ts";

export default function OverviewPage() {
  const topics = useResource<{ topics: Topic[] }>("/api/topics", { everyMs: 10_000 });
  const functions = useResource<{ functions: FunctionInfo[] }>("/api/functions", { everyMs: 10_000 });
  const alerts = useAlerts(topics.data?.topics ?? null);
  return (
    <Page title="Overview">
      <Headline functions={functions.data?.functions ?? []} alerts={alerts} />
      <div class="overview">
        <div class="stack">
          <Topics resource={topics} />
          <Groups />
        </div>
        <div class="stack">
          <Functions resource={functions} />
          <Alerts alerts={alerts} />
        </div>
      </div>
    </Page>
  );
}
