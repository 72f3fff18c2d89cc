/** In the place of a page whose script did not come: the platform is away, or was built anew since. */
import { useSignalEffect } from "@preact/signals";
import { Unreachable } from "../data/api.ts";
import { connection } from "../data/stream.ts";
import { Page } from "../parts/page.tsx";
import { ErrorState } from "../parts/states.tsx";

export function MissingPage({ cause }: { cause: unknown }) {
  const wasLost = connection.peek().state === "lost";
  // A browser may remember that a script failed: only a new load asks again. The address holds all that is shown.
  useSignalEffect(() => {
    if (wasLost && connection.value.state === "live") location.reload();
  });
  const error = wasLost ? new Unreachable(cause) : new Error("Its script did not come.", { cause });
  return (
    <Page title="This page could not be loaded">
      <ErrorState error={error} onRetry={() => location.reload()} />
    </Page>
  );
}
