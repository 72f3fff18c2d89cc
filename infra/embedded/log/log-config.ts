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
  /** `os`: records are safe from a killed process once acknowledged, not from a power failure. */
  readonly flush: "os";
}
