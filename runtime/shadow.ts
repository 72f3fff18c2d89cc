/**
 * Purity under `start`: a sample of invocations is run again under the guards, on a copy, after the real one has
 * been dealt with. The result is thrown away; what counts is whether the handler was pure. Costs nothing on the
 * hot path and changes no outcome.
 */
import { isDeepStrictEqual } from "node:util";
import { type Invocation, invoke, type LoadedFunction } from "./invoke.ts";

export interface Shadow {
  /** Looks at every `every`-th invocation, the first one included. */
  offer(fn: LoadedFunction, invocation: Invocation): void;
}

export function createShadow(options: {
  readonly every: number;
  /** Runs `job` later, when nothing waits for it. */
  defer(job: () => void): void;
  onImpure(name: string, reason: string): void;
}): Shadow {
  const seen = new Map<string, number>();
  return {
    offer(fn, invocation) {
      const count = seen.get(fn.name) ?? 0;
      seen.set(fn.name, count + 1);
      if (count % options.every !== 0 || invocation.outcome.kind !== "ok") return;
      // Copied now: a handler that changes its input would otherwise hide what it was given.
      const copy = structuredClone(invocation);
      options.defer(() => {
        const again = invoke(fn, { ...copy, guard: true });
        if (again.outcome.kind === "error") {
          options.onImpure(fn.name, `${again.outcome.error.name}: ${again.outcome.error.message}`);
        } else if (!isDeepStrictEqual(plain(again.outcome), plain(copy.outcome))) {
          options.onImpure(fn.name, "the same input gave another output");
        }
      });
    },
  };
}

/** Without prototypes and undefined fields, which mean nothing in JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
