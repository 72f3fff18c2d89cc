/** What is shown where there is nothing to show: none yet, on its way, failed, cut off. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError, Unreachable } from "../data/api.ts";
import type { Resource } from "../data/resource.ts";
import { Icon } from "./icon.tsx";

export interface EmptyProps {
  /** What there is none of, as a sentence. */
  readonly title: string;
  /** What to do about it. */
  readonly children?: ComponentChildren;
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children && <div class="state-text">{children}</div>}
    </div>
  );
}

/** Grey bars in the place of `lines` lines to come; told only when it takes longer than a moment. */
export function Loading({ lines = 4, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{label}…</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton" />
      ))}
    </div>
  );
}

export interface ErrorStateProps {
  readonly error: Error;
  /** Offers to try again. */
  readonly onRetry?: () => void;
}

export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const away = error instanceof Unreachable;
  return (
    <div class="state bad" role="alert">
      <p class="state-title">
        <Icon name="error" />{" "}
        {away ? "Disconnected" : error instanceof ApiError ? error.problem.title : "That failed"}
      </p>
      <div class="state-text">
        <p>{error.message}</p>
        {error instanceof ApiError && error.problem.requestId && (
          <p class="quiet">
            Request <code>{error.problem.requestId}</code>
          </p>
        )}
      </div>
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          <Icon name="replay" /> Try again
        </button>
      )}
    </div>
  );
}

/** Waits before it shows anything, so that what loads at once does not flicker. */
function Delayed({ ms, children }: { ms: number; children: ComponentChildren }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(setOver, ms, true);
    return () => clearTimeout(timer);
  }, [ms]);
  return <div class={over ? undefined : "hidden-yet"}>{children}</div>;
}

export interface LoadedProps<T> {
  readonly resource: Resource<T> & { reload(): void };
  /** Lines to reserve while it loads. */
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}

/** A resource's data once it is there; until then, or where it fails, says so. A later failure keeps what is shown. */
export function Loaded<T>({ resource, lines = 4, children }: LoadedProps<T>) {
  const { data, error, reload } = resource;
  if (data !== null) {
    return (
      <>
        {error && (
          <p class="stale" role="status">
            <Icon name="warning" /> Not up to date: {error.message}
          </p>
        )}
        {children(data)}
      </>
    );
  }
  if (error) return <ErrorState error={error} onRetry={reload} />;
  return (
    <Delayed ms={120}>
      <Loading lines={lines} />
    </Delayed>
  );
}
