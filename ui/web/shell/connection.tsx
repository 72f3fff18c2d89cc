/** How the tab's connection and the platform do: a word in the navigation, a banner where something is wrong. */
import { useEffect, useState } from "preact/hooks";
import { stats } from "../data/live.ts";
import { useResource } from "../data/resource.ts";
import { type Connection, connection, reconnect } from "../data/stream.ts";
import type { Health } from "../data/types.ts";
import { Icon } from "../parts/icon.tsx";
import { Badge, type Tone } from "../parts/status.tsx";

const WORDS: Readonly<Record<Connection["state"], readonly [Tone, string]>> = {
  idle: ["neutral", "Idle"],
  connecting: ["info", "Connecting"],
  live: ["good", "Live"],
  paused: ["neutral", "Paused"],
  "signed-out": ["neutral", "Signed out"],
  lost: ["bad", "Disconnected"],
};

export function ConnectionStatus() {
  const [tone, word] = WORDS[connection.value.state];
  return (
    <span role="status">
      <Badge tone={tone}>{word}</Badge>
    </span>
  );
}

/** Takes no place while all is well. */
export function ConnectionBanner() {
  const state = connection.value;
  if (state.state === "lost") return <Lost {...state} />;
  return stats.value?.health === "unhealthy" ? <Unhealthy /> : null;
}

function Lost({ reason, retryAt }: { reason: string; retryAt: number }) {
  const seconds = useSecondsUntil(retryAt);
  return (
    <div class="banner bad">
      <Icon name="error" />
      {/* The seconds are no news to who listens. */}
      <p role="alert">Disconnected. {reason}</p>
      <p class="quiet" aria-hidden="true">
        {seconds > 0 ? `Next try in ${seconds} s` : "Trying now"}
      </p>
      <button type="button" class="button" onClick={reconnect}>
        Try now
      </button>
    </div>
  );
}

function Unhealthy() {
  const { data, error } = useResource<Health>("/health", { everyMs: 5000 });
  // An unhealthy platform answers 503, with the same body.
  const checks = Object.entries(data?.checks ?? {}).filter(([, check]) => check.status === "unhealthy");
  const reasons = checks.map(([name, { reason }]) => `${name}: ${reason ?? "unhealthy"}`);
  return (
    <div class="banner warn" role="alert">
      <Icon name="warning" />
      <p>The platform is unhealthy. {reasons.length > 0 ? reasons.join(" · ") : error?.message}</p>
    </div>
  );
}

function useSecondsUntil(at: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((at - now) / 1000));
}
