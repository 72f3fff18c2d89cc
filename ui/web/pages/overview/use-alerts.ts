/** The newest alerts: those that were there when the page was opened, and those that came since. */
import { useEffect, useState } from "preact/hooks";
import { apiPath, getText, withQuery } from "../../data/api.ts";
import { alerts } from "../../data/live.ts";
import { type Message, parsePage } from "../../data/message.ts";
import type { Topic } from "../../data/types.ts";
import { mergeAlerts } from "./alert-summary.ts";

/** Of each topic; of all together. */
export const ALERTS_LOADED = 100;

/** The newest first; null until the topics have been asked. */
export function useAlerts(topics: readonly Topic[] | null): readonly Message[] | null {
  const names = topics?.filter((topic) => topic.alerts).map(({ name }) => name);
  const past = usePast(names?.join(","));
  return past && mergeAlerts(alerts.value, past, ALERTS_LOADED);
}

function usePast(names: string | undefined): readonly Message[] | null {
  const [past, setPast] = useState<readonly Message[] | null>(null);
  useEffect(() => {
    if (names === undefined) return;
    const leaving = new AbortController();
    const load = async (name: string) => {
      const path = withQuery(apiPath("messages", name), { mode: "newest", limit: ALERTS_LOADED });
      return parsePage(await getText(path, leaving.signal)).messages;
    };
    Promise.all(names.split(",").filter(Boolean).map(load)).then(
      (pages) => setPast(pages.flat()),
      // The list then begins with what comes from now on; the connection's banner tells what is wrong.
      () => !leaving.signal.aborted && setPast([]),
    );
    return () => leaving.abort();
  }, [names]);
  return past;
}
