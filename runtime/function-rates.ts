/** Records per second that each function reads and writes, from its counters at two times. */
import type { FunctionStatus } from "./status.ts";
import type { FunctionRate } from "./stream-view.ts";

const WINDOW_MS = 10_000;

type Counters = Pick<FunctionStatus, "recordsIn" | "recordsOut">;

interface Sample {
  readonly at: number;
  readonly counters: ReadonlyMap<string, Counters>;
}

export interface FunctionRates {
  sample(statuses: ReadonlyMap<string, Counters>, at: number): void;
  /** Over the samples of the last 10 s; 0 as long as there is one only. */
  rates(): ReadonlyMap<string, FunctionRate>;
}

export function createFunctionRates(): FunctionRates {
  let samples: Sample[] = [];
  return {
    sample(statuses, at) {
      const counters = new Map(
        [...statuses].map(([name, { recordsIn, recordsOut }]) => [name, { recordsIn, recordsOut }]),
      );
      samples = [...samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, counters }];
    },
    rates() {
      const [first, last] = [samples[0], samples[samples.length - 1]];
      if (!first || !last) return new Map();
      const seconds = (last.at - first.at) / 1000;
      return new Map(
        [...last.counters].map(([name, now]) => {
          const before = first.counters.get(name) ?? now;
          const rate = (more: number): number => (seconds > 0 ? more / seconds : 0);
          return [
            name,
            { in: rate(now.recordsIn - before.recordsIn), out: rate(now.recordsOut - before.recordsOut) },
          ];
        }),
      );
    },
  };
}
