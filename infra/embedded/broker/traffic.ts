import type { Api } from "./define-api.ts";

/** Upper bounds of the latency buckets, seconds; one more bucket holds what took longer. */
export const LATENCY_BUCKETS_S: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The requests of one API since the start. */
export interface ApiTraffic {
  readonly name: string;
  answered: number;
  /** Seconds from a request's reading to its answer's writing, together. */
  seconds: number;
  /** By bucket, not cumulative. */
  readonly buckets: number[];
  /** How often each error code was answered; a request for several partitions may answer several. */
  readonly errors: Map<number, number>;
}

/** What goes through the broker, as plain numbers: they are made into metrics only when somebody asks. */
export class Traffic {
  readonly apis = new Map<number, ApiTraffic>();
  bytesIn = 0;
  bytesOut = 0;
  recordsIn = 0;
  recordsOut = 0;
  connectionsOpen = 0;
  connectionsAccepted = 0;
  connectionsRefused = 0;
  /** Fetches that wait for records. */
  fetchesParked = 0;
  /** Calls that made sure of what was written to a log. */
  flushes = 0;
  /** From opening the data folder to having read everything back, seconds. */
  recoverySeconds = 0;

  /** @param seconds from its reading to its answer's encoding; null as response: there is none */
  answered(api: Api, seconds: number, response: unknown): void {
    let traffic = this.apis.get(api.key);
    if (traffic === undefined) {
      const buckets = new Array<number>(LATENCY_BUCKETS_S.length + 1).fill(0);
      traffic = { name: api.name, answered: 0, seconds: 0, buckets, errors: new Map() };
      this.apis.set(api.key, traffic);
    }
    traffic.answered += 1;
    traffic.seconds += seconds;
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_S.length && seconds > LATENCY_BUCKETS_S[bucket]!) bucket++;
    traffic.buckets[bucket]! += 1;
    countErrors(response, traffic.errors);
  }
}

/** Adds up the fields named errorCode that are not 0, wherever in the response they are. */
function countErrors(part: unknown, errors: Map<number, number>): void {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) return;
  if (Array.isArray(part)) {
    // What lies in an array of plain values has no codes.
    if (typeof part[0] !== "object") return;
    for (const item of part) countErrors(item, errors);
    return;
  }
  for (const name in part) {
    const value = (part as Record<string, unknown>)[name];
    if (typeof value === "object") countErrors(value, errors);
    else if (name === "errorCode" && value !== 0) {
      errors.set(value as number, (errors.get(value as number) ?? 0) + 1);
    }
  }
}
