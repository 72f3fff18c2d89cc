/** How one partition's log is cut into segments and kept. Names follow Kafka's topic settings. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** −1: for ever. */
  readonly retentionMs: number;
  /** −1: without limit. */
  readonly retentionBytes: number;
  /** `delete` is by time and size; a log that is compacted may have gaps; `none` keeps all. */
  readonly cleanup: "delete" | "compact" | "compact,delete" | "none";
  readonly flush: FlushMode;
}

/**
 * What an acknowledged record survives. `os`: a killed process; when the disk gets it is the system's business. `everyMs`:
 * besides, a power failure that long after it (and the time a sync takes). `always`: any power failure; it is synced
 * before it is acknowledged.
 */
export type FlushMode = "os" | "always" | { readonly everyMs: number };
