/** What the API sees of the metrics, as types. */

/** Numbers that only the API knows. */
export interface ApiNumbers {
  /** Clients of `/api/stream` now. */
  streamClients(): number;
  /** Invocations handed to captures so far. */
  captureRecorded(): number;
  /** Invocations left out of captures that read too slowly, so far. */
  captureDropped(): number;
}

export interface MetricsPort {
  /** All metrics in Prometheus's text format. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Tells where a number is read that only the API knows. */
  provide<Name extends keyof ApiNumbers>(name: Name, read: ApiNumbers[Name]): void;
}
